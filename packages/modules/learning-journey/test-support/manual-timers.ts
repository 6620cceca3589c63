/** Timers that go off only when a test says so. */
export function createManualTimers() {
  let time = 0
  const due = new Set<{ readonly at: number; readonly call: () => void }>()
  return {
    now: () => time,
    after(milliseconds: number, call: () => void): () => void {
      const entry = { at: time + milliseconds, call }
      due.add(entry)
      return () => due.delete(entry)
    },
    /** Moves time on, calls what is due in order, and lets everything that waited for it run. */
    async advance(milliseconds: number): Promise<void> {
      const end = time + milliseconds
      for (;;) {
        await settleAll()
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        time = next.at
        due.delete(next)
        next.call()
      }
      time = end
      await settleAll()
    },
    /** In how many milliseconds each timer goes off. */
    pending: () => [...due].map(({ at }) => at - time).sort((a, b) => a - b),
  }
}

/** Lets every promise that is ready run to its next wait. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Long enough for whatever answers after some turns. */
async function settleAll(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await settle()
}
