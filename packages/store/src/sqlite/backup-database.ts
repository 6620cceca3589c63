import { Worker } from 'node:worker_threads'
import { StoreError } from '../errors.ts'
import type { Failure } from './calls.ts'

/** A copy that is complete and was checked. */
export interface BackupCopy {
  readonly bytes: number
  /** In hex. */
  readonly sha256: string
}

export type BackupMessage =
  | { readonly kind: 'copied'; readonly copy: BackupCopy }
  | { readonly kind: 'failure'; readonly failure: Failure }

/**
 * Copies what is committed in a database file at the start, while its owner goes on writing. It has a thread of its own: copying and
 * checking take seconds for a gigabyte, and the database thread takes one call at a time.
 * @param to a file that is not there; it is when the copy is complete and was found whole.
 */
export async function backupDatabase(file: string, to: string): Promise<BackupCopy> {
  // The thread's file has the extension of this one: .ts in the sources, .js in the package.
  const url = new URL(`./backup-worker${import.meta.url.slice(-3)}`, import.meta.url)
  const worker = new Worker(url, { workerData: { file, to } })
  const message = await new Promise<BackupMessage>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new StoreError('STORE_FAILED', `${to}: the backup thread ended with code ${code} before it was done. Try again.`)),
    )
  })
  if (message.kind === 'copied') return message.copy
  throw new StoreError(message.failure.code, message.failure.message, message.failure)
}
