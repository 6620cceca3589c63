import type { JournalStore } from '@waymark/learning-journey/ports'

/** A store that counts the journal entries that rounds read to fold again. */
export function countReads(store: JournalStore): {
  readonly store: JournalStore
  readonly reads: { entries: number; rounds: number }
} {
  const reads = { entries: 0, rounds: 0 }
  return {
    reads,
    store: {
      ...store,
      append: async (entries, wanted) => {
        const round = await store.append(entries, wanted)
        reads.rounds += 1
        return {
          outcomes: round.outcomes,
          states: round.states,
          revision: round.revision,
          history: async (asked) => {
            const journals = await round.history(asked)
            for (const journal of journals) reads.entries += journal.entries.length
            return journals
          },
          commit: (derived) => round.commit(derived),
          rollback: () => round.rollback(),
        }
      },
    },
  }
}
