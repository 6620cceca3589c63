/** A line about long work: on a terminal it is drawn again and again, elsewhere a new one comes every few seconds where that is wanted. */
export interface Progress {
  /** @param events how many more are done. @param at how much of the whole size is done by now. */
  advance(events: number, at: number): void
  /** Takes the line away, so that others can be written. */
  end(): void
}

export interface ProgressOptions {
  /** Of everything, in whatever `advance` counts; where it is known the line says how much time is left. */
  readonly size: number | undefined
  /** How much of the size was done before. */
  readonly from?: number
  /** What is counted; events when absent. */
  readonly what?: string
  /** Whether lines are written where stderr is no terminal. */
  readonly inLines?: boolean
  readonly isTerminal?: boolean
  /** Milliseconds. */
  readonly now?: () => number
  readonly write?: (text: string) => void
}

const REDRAW_MS = 100
const LINE_MS = 5_000

export function createProgress({
  size,
  from = 0,
  what = 'events',
  inLines = false,
  isTerminal = process.stderr.isTTY,
  now = () => performance.now(),
  write = (text) => process.stderr.write(text),
}: ProgressOptions): Progress {
  const start = now()
  let events = 0
  let shown = start
  let isDrawn = false
  if (!isTerminal && !inLines) return { advance() {}, end() {} }
  return {
    advance(more, at) {
      events += more
      if (now() - shown < (isTerminal ? REDRAW_MS : LINE_MS)) return
      shown = now()
      const text = describeProgress({ events, what, at, from, size, seconds: (shown - start) / 1_000 })
      write(isTerminal ? `\r${text}\u001b[K` : `${text}\n`)
      isDrawn = isTerminal
    },
    end() {
      if (isDrawn) write('\r\u001b[K')
      isDrawn = false
    },
  }
}

/** `1,500 events, 3,000/s, 40 %, 2 s left` */
export function describeProgress(done: {
  readonly events: number
  readonly what?: string
  readonly at: number
  readonly from: number
  readonly size: number | undefined
  readonly seconds: number
}): string {
  const { events, what = 'events', at, from, size, seconds } = done
  const rate = Math.round(events / Math.max(seconds, 0.001))
  const parts = [`${events.toLocaleString('en')} ${what}`, `${rate.toLocaleString('en')}/s`]
  if (size !== undefined && size > 0) {
    const left = Math.max(size - at, 0)
    // By what this run has done: what was done before says nothing of its speed.
    const secondsLeft = at > from ? Math.ceil((seconds * left) / (at - from)) : undefined
    parts.push(`${Math.floor((100 * (size - left)) / size)} %`)
    if (secondsLeft !== undefined) parts.push(`${secondsLeft.toLocaleString('en')} s left`)
  }
  return parts.join(', ')
}
