/** A clock that moves only when a test says so. */
export interface ManualClock {
  now(): number
  after(milliseconds: number, call: () => void): () => void
  /** Moves time on and calls what is due, in order; then lets everything that waited for it run. */
  advance(milliseconds: number): Promise<void>
  /** How many calls are still to come. */
  pending(): number
}

export function createManualClock(start = Date.parse('2026-06-01T12:00:00Z')): ManualClock {
  let time = start
  const due = new Set<{ readonly at: number; readonly call: () => void }>()
  return {
    now: () => time,
    after(milliseconds, call) {
      const entry = { at: time + milliseconds, call }
      due.add(entry)
      return () => due.delete(entry)
    },
    async advance(milliseconds) {
      time += milliseconds
      for (const entry of [...due].filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)) {
        if (due.delete(entry)) entry.call()
      }
      await settle()
    },
    pending: () => due.size,
  }
}

/** Lets every promise that is ready run to its next wait. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
