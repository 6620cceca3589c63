/** Ends an attempt: when its time is over, or when the caller aborts. */
export interface StopWatch {
  /** Aborted by either. */
  readonly signal: AbortSignal
  /** Which of the two it was; undefined while neither has happened. */
  readonly cause: () => 'time' | 'caller' | undefined
  /** The time is over so many milliseconds from now, whatever was set before. */
  readonly set: (milliseconds: number) => void
  /** No time runs until it is set again. */
  readonly pause: () => void
  /** Settles as the promise does, or rejects at the end: not everything that is waited for knows the signal. */
  readonly race: <T>(promise: Promise<T>) => Promise<T>
  /** Ends what still goes on, and lets go of the caller's signal. */
  readonly close: () => void
}

export function startStopWatch(caller: AbortSignal | undefined): StopWatch {
  const controller = new AbortController()
  const { signal } = controller
  let timer: ReturnType<typeof setTimeout> | undefined
  let cause: 'time' | 'caller' | undefined
  const end = (why: 'time' | 'caller') => {
    cause ??= why
    controller.abort()
  }
  const onAbort = () => end('caller')
  if (caller?.aborted) onAbort()
  else caller?.addEventListener('abort', onAbort)
  return {
    signal,
    cause: () => cause,
    set(milliseconds) {
      clearTimeout(timer)
      timer = setTimeout(end, Math.min(milliseconds, LONGEST_TIMER), 'time')
    },
    pause: () => clearTimeout(timer),
    race: (promise) =>
      new Promise((resolve, reject) => {
        const onEnd = () => reject(signal.reason)
        promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onEnd))
        if (signal.aborted) onEnd()
        else signal.addEventListener('abort', onEnd)
      }),
    close() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', onAbort)
      controller.abort()
    },
  }
}

/** A longer timer fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1
