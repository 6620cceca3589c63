import { newAbortController, onAbort } from './abort.ts'
import type { Signal } from './implement.ts'
import type { Ports } from './runtime.ts'

/** The clock of one call. It runs until the output was checked; from there on the call commits, however long that takes. */
export interface TimeLimit {
  /** Aborted when the caller went away or the time ran out. */
  readonly signal: Signal
  /** Stops the clock; false when the time had run out already. */
  stop(): boolean
}

/**
 * Runs work under a limit in milliseconds; without one there is no clock. When the time runs out the answer is the error of
 * `late`, at once; the work itself goes on until it sees the signal, and `stop` keeps it from committing.
 */
export function withTimeLimit<T>(
  milliseconds: number | undefined,
  caller: Signal | undefined,
  after: Ports['after'],
  late: () => Error,
  work: (limit: TimeLimit) => Promise<T>,
): Promise<T> {
  if (milliseconds === undefined) return work(caller === undefined ? UNLIMITED : { signal: caller, stop: () => true })
  const controller = newAbortController()
  const abort = () => controller.abort()
  const stopListening = onAbort(caller, abort)
  let inTime = true
  return new Promise<T>((resolve, reject) => {
    const cancel = after(milliseconds, () => {
      inTime = false
      abort()
      reject(late())
    })
    const stop = () => {
      cancel()
      return inTime
    }
    work({ signal: controller.signal, stop })
      .then(resolve, reject)
      .finally(() => {
        cancel()
        stopListening()
      })
  })
}

const UNLIMITED: TimeLimit = { signal: newAbortController().signal, stop: () => true }
