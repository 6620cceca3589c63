/**
 * The thread of one backup. It writes `<to>.partial` and renames that when it is whole, so a file under the final name always is.
 * A read transaction of its own keeps the source as it was at the start; nobody waits for it, only the log cannot be
 * emptied past that point until it ends.
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, fdatasyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { StoreError } from '../errors.ts'
import type { BackupCopy, BackupMessage } from './backup-database.ts'
import { toStoreError } from './to-store-error.ts'

// 4 MB. After each the copy is forced to the disk: left to the end, that would hold up the commits of the owner for as long as all of it takes.
const STEP_PAGES = 2_048

parentPort?.postMessage(await answer(workerData as { readonly file: string; readonly to: string }))

async function answer({ file, to }: { readonly file: string; readonly to: string }): Promise<BackupMessage> {
  try {
    return { kind: 'copied', copy: await copy(file, to) }
  } catch (error) {
    const { code, message, errcode } = toStoreError(error, to)
    return { kind: 'failure', failure: { code, message, errcode } }
  }
}

async function copy(file: string, to: string): Promise<BackupCopy> {
  if (existsSync(to)) throw new StoreError('STORE_FAILED', `${to} is there already. Choose another file.`)
  const partial = `${to}.partial`
  try {
    await copyPages(file, partial)
    makeWhole(partial)
    const found = { bytes: statSync(partial).size, sha256: await digest(partial) }
    renameSync(partial, to)
    return found
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(partial + suffix, { force: true })
    throw error
  }
}

async function copyPages(file: string, partial: string): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true, timeout: 0 })
  const copied = openSync(partial, 'w')
  try {
    // One read transaction over all steps; without it a commit in between starts the copy again.
    source.exec('begin; select 1 from migration')
    await backup(source, partial, { rate: STEP_PAGES, progress: () => fdatasyncSync(copied) })
  } finally {
    closeSync(copied)
    source.close()
  }
}

/** One file that stands alone, without a log beside it, and whose every page and index was looked at. */
function makeWhole(partial: string): void {
  const db = new DatabaseSync(partial, { timeout: 0 })
  try {
    db.exec('pragma journal_mode = delete')
    const { integrity_check: verdict } = db.prepare('pragma integrity_check(1)').get() as { readonly integrity_check: string }
    if (verdict !== 'ok') {
      throw new StoreError(
        'STORE_FAILED',
        `${partial}: the copy is damaged: ${verdict}. Check the disks of the database and of the backup.`,
      )
    }
  } finally {
    db.close()
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
