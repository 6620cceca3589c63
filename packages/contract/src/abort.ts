import type { Signal } from './implement.ts'

/** What makes a signal abort. */
export interface AbortControllerLike {
  readonly signal: Signal
  abort(): void
}

/** AbortController is part of every runtime we serve, but not of the language's own types. */
export function newAbortController(): AbortControllerLike {
  return new (globalThis as unknown as { AbortController: new () => AbortControllerLike }).AbortController()
}

/** Calls when the signal aborts, at once when it has; the function takes the call back. */
export function onAbort(signal: Signal | undefined, call: () => void): () => void {
  if (signal?.aborted) {
    call()
    return () => {}
  }
  const events = signal as ListenedSignal | undefined
  events?.addEventListener?.('abort', call)
  return () => events?.removeEventListener?.('abort', call)
}

interface ListenedSignal {
  addEventListener?(type: 'abort', call: () => void): void
  removeEventListener?(type: 'abort', call: () => void): void
}
