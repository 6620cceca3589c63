import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { GroupHandler } from '@waymark/contract'
import type { SqliteStore } from '@waymark/store/sqlite'
import type { Logger } from '../logger.ts'
import { BACKUP_FOLDER, type BackupContract } from './contracts.ts'

export interface BackupOptions {
  /** Copies the database; undefined where the database is no file. */
  readonly copy: SqliteStore['backup'] | undefined
  /** The working directory of the server. */
  readonly cwd: string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly logger: Logger
}

/**
 * `server.database.backup`: one at a time. It commits nothing, and so has no unit of work, which would hold up the writes of others for as
 * long as the copy takes.
 */
export function backup({ copy, cwd, now, logger }: BackupOptions): GroupHandler<typeof BackupContract> {
  const folder = join(cwd, BACKUP_FOLDER)
  let isRunning = false
  return {
    commit: 'group',
    handle: async ({ input, fail, check }) => {
      if (copy === undefined) {
        throw fail.BACKUP_UNSUPPORTED({
          detail:
            'The server copies SQLite files only. Back PostgreSQL up with pg_dump, as the guide on backup and restore says; what is in memory is not kept.',
        })
      }
      const start = now()
      const name = input.name ?? `waymark-${new Date(start).toISOString().replace(/[-:]|\.\d+/g, '')}.db`
      const to = join(folder, name)
      if (isRunning) throw fail.BACKUP_RUNNING({ detail: 'A backup is being made. Wait for its answer.', retryAfter: 5 })
      if (existsSync(to)) throw fail.BACKUP_EXISTS({ detail: `${BACKUP_FOLDER}/${name} is there already. Choose another name.` })
      isRunning = true
      try {
        // For its owner only: it holds what people did.
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const { bytes, sha256 } = await copy(to)
        const checked = check({ file: `${BACKUP_FOLDER}/${name}`, bytes, sha256, durationMs: now() - start })
        if (!checked.ok) throw checked.error
        logger.info({ file: to, bytes }, 'backup made')
        return checked.output
      } catch (error) {
        logger.error({ err: error, file: to }, 'a backup failed')
        throw fail.BACKUP_FAILED({
          detail: `${BACKUP_FOLDER}/${name} could not be written; nothing is left of it. The log of the server says why.`,
        })
      } finally {
        isRunning = false
      }
    },
  }
}
