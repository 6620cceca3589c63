import type { JournalStore } from '@waymark/learning-journey/ports'

/** The process "died" at a point of the record path. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/**
 * A store whose process dies at the n-th point of its record path: before and after `append`, `commit` and `merge`. After that it
 * refuses everything, as a dead process does.
 */
export function crashAt(store: JournalStore, point: number): JournalStore & { readonly reached: () => number } {
  let passed = 0
  let dead = false
  const pass = () => {
    if (dead || passed++ === point) {
      dead = true
      throw new Crash(`The process died at point ${point}.`)
    }
  }
  return {
    ...store,
    reached: () => passed,
    merge: async (merge) => {
      pass()
      const outcome = await store.merge(merge)
      pass()
      return outcome
    },
    append: async (entries, wanted) => {
      pass()
      const round = await store.append(entries, wanted)
      try {
        pass()
      } catch (crash) {
        // The database rolls back what its client did not commit.
        await round.rollback()
        throw crash
      }
      return {
        ...round,
        outcomes: round.outcomes,
        states: round.states,
        history: (wanted) => round.history(wanted),
        rollback: () => round.rollback(),
        commit: async (derived) => {
          pass()
          const result = await round.commit(derived)
          pass()
          return result
        },
      }
    },
  }
}
