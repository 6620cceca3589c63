/**
 * The caller's end of the database thread. States: running, ended. Calls are answered in the order in which they were made, so
 * the oldest waiting call owns the next answer; when the thread dies, waiting and later calls reject with `STORE_CLOSED`.
 */
import { Worker } from 'node:worker_threads'
import { StoreError } from '../errors.ts'
import type { CallMessage, Calls, ThreadMessage } from './calls.ts'

export interface DatabaseThread {
  /** Throws at once, without having called, when the argument cannot be copied to the thread. */
  call<K extends keyof Calls>(call: K, ...ask: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>>
  /** Makes the last call and ends the thread when all before it are answered. */
  close(): Promise<void>
  /** Ends the thread as it is. */
  terminate(): Promise<void>
}

export interface DatabaseThreadOptions {
  readonly onNotice?: ((notice: string) => void) | undefined
  /** Called once, when the thread was closed or has died. */
  readonly onEnd?: (reason: StoreError) => void
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export function createDatabaseThread(url: URL, { onNotice, onEnd }: DatabaseThreadOptions = {}): DatabaseThread {
  const worker = new Worker(url)
  const waiting: Waiting[] = []
  let ended: StoreError | undefined
  let closing: Promise<void> | undefined

  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'notice') onNotice?.(message.notice)
    else if (message.kind === 'answer') waiting.shift()?.resolve(message.answer as never)
    else waiting.shift()?.reject(new StoreError(message.failure.code, message.failure.message, message.failure))
  })
  worker.on('error', die)
  worker.on('messageerror', die)
  worker.on('exit', (code) => die(new Error(`it exited with code ${code}`)))

  function die(cause: Error): void {
    const reason = new StoreError('STORE_CLOSED', `The database thread ended: ${cause.message}. Open the store again.`, { cause })
    if (ended === undefined) onNotice?.(reason.message)
    end(reason)
    for (const { reject } of waiting.splice(0)) reject(reason)
  }

  function end(reason: StoreError): void {
    if (ended !== undefined) return
    ended = reason
    onEnd?.(reason)
  }

  function call<K extends keyof Calls>(name: K, ...[ask]: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (ended !== undefined) return Promise.reject(ended)
    worker.postMessage({ call: name, ask } satisfies CallMessage)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  async function finish(): Promise<void> {
    if (ended !== undefined) return
    const closed = call('close')
    end(new StoreError('STORE_CLOSED', 'The store was closed. Open it again to use it.'))
    try {
      await closed
    } finally {
      await worker.terminate()
    }
  }

  return {
    call,
    close() {
      closing ??= finish()
      return closing
    },
    async terminate() {
      end(new StoreError('STORE_CLOSED', 'The store was not opened.'))
      await worker.terminate()
    },
  }
}
