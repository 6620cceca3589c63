/**
 * One owner for each database file. The owner holds an exclusive transaction on `<file>.lock`, which the kernel ends with the
 * process however it dies; `<file>.pid` only serves the message to others, so a stale one does no harm.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { isBusy } from './to-store-error.ts'

export interface OwnerLock {
  /** The pid an earlier owner left behind when it ended without closing. */
  readonly stalePid: string | undefined
  release(): void
}

/** @throws StoreError `STORE_LOCKED` when the file has an owner. */
export function takeOwnerLock(file: string): OwnerLock {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 })
  try {
    // In the mode `delete` an exclusive transaction locks out every other connection from its first statement on.
    lock.exec('pragma journal_mode = delete; begin exclusive')
    const stalePid = readPid(file)
    writeFileSync(`${file}.pid`, `${process.pid}\n`)
    return { stalePid, release }
  } catch (error) {
    lock.close()
    throw isBusy(error) ? lockedBy(readPid(file), file) : error
  }

  function release(): void {
    rmSync(`${file}.pid`, { force: true })
    lock.close()
  }
}

function lockedBy(pid: string | undefined, file: string): StoreError {
  const isOwn = pid === String(process.pid)
  const owner = isOwn ? `another store of this process (pid ${pid})` : pid === undefined ? 'another process' : `process ${pid}`
  const advice = isOwn ? 'Share that store, or close it first.' : 'Stop that process, or choose another file.'
  return new StoreError('STORE_LOCKED', `${file} is in use by ${owner}; a database file has one owner at a time. ${advice}`)
}

function readPid(file: string): string | undefined {
  try {
    return readFileSync(`${file}.pid`, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
