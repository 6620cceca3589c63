/** A line on the terminal about long work; nothing where stderr is no terminal. */
export interface Progress {
  advance(events: number, bytes: number): void
  end(): void
}

const REDRAW_MS = 100

/** @param size of everything in bytes, where it is known: then the line says how much time is left. */
export function createProgress(size: number | undefined): Progress {
  const start = performance.now()
  let events = 0
  let bytes = 0
  let drawn = 0
  if (!process.stderr.isTTY) return { advance() {}, end() {} }
  return {
    advance(more, moreBytes) {
      events += more
      bytes += moreBytes
      const now = performance.now()
      if (now - drawn < REDRAW_MS) return
      drawn = now
      process.stderr.write(`\r${describeProgress({ events, bytes, size, seconds: (now - start) / 1_000 })}\u001b[K`)
    },
    end() {
      if (drawn > 0) process.stderr.write('\r\u001b[K')
      drawn = 0
    },
  }
}

/** `1,500 events, 3,000/s, 40 %, 2 s left` */
export function describeProgress(at: {
  readonly events: number
  readonly bytes: number
  readonly size: number | undefined
  readonly seconds: number
}): string {
  const { events, bytes, size, seconds } = at
  const rate = Math.round(events / Math.max(seconds, 0.001))
  const parts = [`${events.toLocaleString('en')} events`, `${rate.toLocaleString('en')}/s`]
  if (size !== undefined && size > 0) {
    const share = Math.min(1, bytes / size)
    parts.push(`${Math.floor(100 * share)} %`, `${Math.ceil((seconds * (1 - share)) / Math.max(share, 0.001))} s left`)
  }
  return parts.join(', ')
}
