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
  const events = caller as ListenedSignal | undefined
  if (caller?.aborted) abort()
  else events?.addEventListener?.('abort', abort)
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
        events?.removeEventListener?.('abort', abort)
      })
  })
}

interface AbortControllerLike {
  readonly signal: Signal
  abort(): void
}

interface ListenedSignal {
  addEventListener?(type: 'abort', call: () => void): void
  removeEventListener?(type: 'abort', call: () => void): void
}

/** AbortController is part of every runtime we serve, but not of the language's own types. */
function newAbortController(): AbortControllerLike {
  return new (globalThis as unknown as { AbortController: new () => AbortControllerLike }).AbortController()
}

const UNLIMITED: TimeLimit = { signal: newAbortController().signal, stop: () => true }
