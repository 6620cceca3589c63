import type { JournalStore } from '@waymark/learning-journey/ports'
import { type Tables, toSubjectKey } from './tables.ts'

/** What the memory store does outside of rounds about alarms, people, tracks and jobs. Writes take turns with the rounds. */
export function createMemoryJourneys(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void) {
  return {
    claimTimers: (due, until, count) =>
      inTurn(() => {
        const found = [...tables.timers.values()].filter(({ at }) => at <= due).sort((a, b) => a.at - b.at)
        return found.slice(0, count).map(({ tenant, subject }) => {
          tables.timers.set(toSubjectKey({ tenant, subject }), Object.freeze({ tenant, subject, at: until }))
          return { tenant, subject }
        })
      }),
    async nextTimer() {
      assertOpen()
      const times = [...tables.timers.values()].map(({ at }) => at)
      return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
    },
    async readMemberships(learners) {
      assertOpen()
      return [...tables.memberships.values()].filter((row) =>
        learners.some(({ tenant, learner }) => row.tenant === tenant && row.learner === learner),
      )
    },
    async readRevision() {
      assertOpen()
      return tables.revision
    },
  } satisfies Partial<JournalStore>
}
