/**
 * Turns of a relay, one at a time. States: running, resting until it is kicked or a second has passed (longer after failures), closed: by
 * `close`, or because its store was.
 */
import type { Ports } from '@waymark/contract'
import type { StoreFailure } from '../ports/index.ts'
import { growingPause } from './growing-pause.ts'

export interface RelayLoop {
  /** Begins the next turn at once, or after the one that runs. */
  kick(): void
  isClosed(): boolean
  /** Begins no more turns; resolves when the one that runs is over. */
  close(): Promise<void>
}

const REST_MS = 1_000

/** Rests until its first kick. @param turn answers whether there may be more to do. */
export function createRelayLoop({
  turn,
  after,
  onFailure,
}: {
  readonly turn: () => Promise<boolean>
  readonly after: Ports['after']
  readonly onFailure: ((error: unknown) => void) | undefined
}): RelayLoop {
  let state: 'running' | 'resting' | 'closed' = 'resting'
  let isKicked = false
  let failures = 0
  let cancelTimer = () => {}
  let running: Promise<void> = Promise.resolve()

  function start(): void {
    if (state !== 'resting') {
      isKicked = true
      return
    }
    cancelTimer()
    state = 'running'
    isKicked = false
    running = turn().then(
      (isMore) => {
        failures = 0
        rest(isMore || isKicked ? 0 : REST_MS)
      },
      (error: unknown) => {
        if ((error as Partial<StoreFailure> | undefined)?.outlook === 'closed') {
          state = 'closed'
          return
        }
        failures += 1
        if (state !== 'closed') onFailure?.(error)
        rest(growingPause(failures))
      },
    )
  }

  function rest(milliseconds: number): void {
    if (state === 'closed') return
    state = 'resting'
    cancelTimer = after(milliseconds, start)
  }

  return {
    kick: start,
    isClosed: () => state === 'closed',
    async close() {
      state = 'closed'
      cancelTimer()
      await running
    },
  }
}
