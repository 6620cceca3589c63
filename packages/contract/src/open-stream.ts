/**
 * A stream from the handler to the caller. States: open, ended. It ends when the handler's iterable does, when the caller stops
 * iterating, with the first item that fails, and when its controller is aborted from outside (the caller went away, the credential
 * expired). Whatever ends it aborts the controller, whose signal the handler has, ends the handler's iterable, and settles a caller
 * that waits for the next item.
 */
import { type AbortControllerLike, onAbort } from './abort.ts'
import type { Problem } from './problem.ts'
import type { Stream } from './stream.ts'

/** An open stream failed; what went wrong is a problem, as in the result of a call. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export interface StreamGuard {
  readonly controller: AbortControllerLike
  /** The item as the caller may see it; throws when there is none. */
  readonly check: (item: unknown) => Promise<unknown>
  /** What a failure is to the caller. */
  readonly toProblem: (error: unknown) => Promise<Problem>
  /** Told of an iterable that could not be ended. */
  readonly onFailure: (error: unknown) => void
}

/** The stream as a caller gets it. Its iterator returns true when the handler had no more to give, and nothing when it was cut off. */
export function openStream(source: Stream<unknown>, guard: StreamGuard): Stream<unknown> {
  const { controller, check, toProblem, onFailure } = guard
  const { signal } = controller
  const iterator = source[Symbol.asyncIterator]()
  const waiting = new Set<() => void>()
  onAbort(signal, () => {
    for (const settle of waiting) settle()
    endIterator().catch(onFailure)
  })

  async function endIterator(): Promise<void> {
    await iterator.return?.()
  }

  async function pull(): Promise<IteratorResult<unknown>> {
    try {
      const result = await iterator.next()
      if (!signal.aborted && result.done !== true) return { done: false, value: await check(result.value) }
      return signal.aborted ? DONE : COMPLETE
    } catch (error) {
      if (signal.aborted) return DONE
      throw new StreamError(await toProblem(error))
    }
  }

  const guarded: AsyncIterator<unknown> = {
    next: () =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return resolve(DONE)
        const settle = () => resolve(DONE)
        waiting.add(settle)
        // Settled before the controller is aborted, which settles all that wait as cut off.
        const give = (result: IteratorResult<unknown>) => {
          resolve(result)
          if (result.done === true) controller.abort()
        }
        const fail = (error: unknown) => {
          reject(error)
          controller.abort()
        }
        pull()
          .then(give, fail)
          .finally(() => waiting.delete(settle))
      }),
    async return() {
      controller.abort()
      return DONE
    },
  }
  return { ...(source.cursor === undefined ? {} : { cursor: source.cursor }), [Symbol.asyncIterator]: () => guarded }
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined }
const COMPLETE: IteratorResult<unknown> = { done: true, value: true }
