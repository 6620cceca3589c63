import { LONGEST_TIMER } from './stop-watch.ts'

const FIRST_MS = 200
const LONGEST_MS = 20_000

/**
 * How long to wait before the next attempt, in milliseconds: by chance up to a limit that doubles with each attempt, so that many clients
 * that lost a server at once do not come back at once. What the server asks for comes before that.
 * @param failures in a row; 1 after the first.
 */
export function pauseAfter(failures: number, askedMs = 0): number {
  return askedMs + Math.random() * Math.min(FIRST_MS * 2 ** failures, LONGEST_MS)
}

/** Resolves when the time is over, or when the signal is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const wake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, Math.min(milliseconds, LONGEST_TIMER))
    signal?.addEventListener('abort', wake)
  })
}
