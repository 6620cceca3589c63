import type { Derived, History, HistoryRequest, Round } from '@waymark/learning-journey/ports'
import { StoreError } from './errors.ts'

/** What `append` found. */
export type OpenedRound = Pick<Round, 'outcomes' | 'states' | 'revision'>

/** The transaction beneath a round. `commit` and `rollback` end it, whatever they answer. */
export interface RoundDriver {
  history(wanted: readonly HistoryRequest[]): Promise<readonly History[]>
  commit(derived: Derived): Promise<'committed' | 'stale'>
  rollback(): Promise<void>
}

/**
 * A round over a driver. States: open, ended. Whatever ends it gives the turn back at once: a driver takes calls in order, so
 * the next round may be asked for before the answer of this commit is there.
 */
export function createRound(opened: OpenedRound, driver: RoundDriver, endTurn: () => void): Round {
  let isOpen = true

  function assertOpen(call: string): void {
    if (isOpen) return
    throw new StoreError('STORE_TRANSACTION_ENDED', `${call} was called on a round that had ended. Open a new one with append.`)
  }

  function end<T>(finish: () => Promise<T>): Promise<T> {
    isOpen = false
    try {
      return finish()
    } finally {
      endTurn()
    }
  }

  return {
    ...opened,
    async history(wanted) {
      assertOpen('history')
      return driver.history(wanted)
    },
    async commit(derived) {
      assertOpen('commit')
      return end(() => driver.commit(derived))
    },
    async rollback() {
      if (isOpen) await end(() => driver.rollback())
    },
  }
}
