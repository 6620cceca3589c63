import type { Derived, History } from '@waymark/learning-journey/ports'
import { StoreError } from '../errors.ts'
import type { OpenedRound, RoundDriver } from '../round.ts'
import { type AppendAnswer, type DerivedValues, type HistoryValues, OUTCOMES } from './calls.ts'
import type { DatabaseThread } from './database-thread.ts'
import { packBytes, unpackBytes } from './packed-bytes.ts'
import { toEntry, toFactValues } from './row-values.ts'

/** What `append` answered, as the port wants it. */
export function toOpened({ outcomes, versions, states, hasHistory, mergedInto, revision }: AppendAnswer): OpenedRound {
  return {
    outcomes: Array.from(outcomes, (code) => OUTCOMES[code as 0 | 1 | 2]),
    states: unpackBytes(states).map((state, i) => ({
      version: versions[i] as number,
      state,
      hasHistory: hasHistory[i] === 1,
      mergedInto: mergedInto[i] ?? null,
    })),
    revision,
  }
}

/** The transaction of a round in the database thread. */
export function createRoundDriver(thread: DatabaseThread): RoundDriver {
  return {
    async history(wanted) {
      const histories = await thread.call('history', wanted)
      return histories.map(toHistory)
    },
    commit(derived) {
      try {
        return thread.call('commit', toDerivedValues(derived))
      } catch (error) {
        // Nothing was sent, so the transaction is still open. An error of the thread itself has rolled back already, and the
        // transaction that is open then may be the next one.
        return rollBack(thread).then(() => Promise.reject(error))
      }
    },
    rollback: () => rollBack(thread),
  }
}

/** A transaction that was lost with its thread is rolled back too. */
export async function rollBack(thread: DatabaseThread): Promise<void> {
  try {
    await thread.call('rollback')
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_CLOSED')) throw error
  }
}

/** A history as the port wants it. */
export function toHistory({ checkpoint, entries }: HistoryValues): History {
  return { checkpoint, entries: entries.map(toEntry) }
}

function toDerivedValues({ states, facts, checkpoints, ...rows }: Derived): DerivedValues {
  return {
    ...rows,
    states: states.flatMap(({ tenant, subject, expected }) => [tenant, subject, expected]),
    bytes: packBytes(states.map(({ state }) => state)),
    facts: toFactValues(facts),
    checkpoints: checkpoints.flatMap(({ tenant, subject, track, at, behaviour }) => [tenant, subject, track, at, behaviour]),
    checkpointBytes: packBytes(checkpoints.map(({ state }) => state)),
  }
}
