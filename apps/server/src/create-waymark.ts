import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PublishMode } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import type { SqliteStore } from '@waymark/store/sqlite'
import type { Composed } from './compose.ts'
import { ServerError } from './errors.ts'
import { createLogger, type Logger } from './logger.ts'
import type { Definitions } from './modules/definitions.ts'
import { type SecretKey, takeSecretKey } from './secret-key.ts'
import { type Environment, parseSettings, type Settings } from './settings.ts'
import { version } from './version.ts'

export interface WaymarkOptions {
  /** Settings by the names of the environment variables; `process.env` when absent. */
  readonly env?: Environment
  /** Relative paths start here, and `.waymark/` is here; the working directory when absent. */
  readonly cwd?: string
  /** Served instead of the files of `WAYMARK_MODULES`. */
  readonly definitions?: Definitions
  /** Instead of `WAYMARK_PUBLISH`; `dev` replaces published tracks whose content changed. */
  readonly publish?: PublishMode
  readonly logger?: Logger
}

/** Everything of a server but its socket. */
export interface Waymark extends Omit<Composed, 'close'> {
  /** The secret key that may call everything. */
  readonly key: string
  readonly keyOrigin: SecretKey['origin']
  readonly isSample: boolean
  readonly logger: Logger
  /** Lets go of the database, once: take no more calls before. */
  close(): Promise<void>
}

/** The settings that mean something without a socket. */
export const WAYMARK_SETTINGS = [
  'database',
  'connections',
  'bus',
  'publish',
  'secretKey',
  'learnerSecret',
  'modules',
  'postHogGroup',
  'license',
  'logLevel',
] as const

/**
 * Opens Waymark in a process of your own, to be mounted in its HTTP server. `HOST`, `PORT` and `WAYMARK_CORS_ORIGINS` mean nothing to it.
 * @throws ServerError with every problem that was found, or StoreError of the database. Nothing is left open then.
 */
export async function createWaymark(options: WaymarkOptions = {}): Promise<Waymark> {
  const { env = process.env, cwd = process.cwd() } = options
  const parsed = parseSettings(WAYMARK_SETTINGS, env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  let isClosed = false
  const waymark = await openWaymark(parsed.settings, options, () => !isClosed)
  return {
    ...waymark,
    close() {
      isClosed = true
      return waymark.close()
    },
  }
}

/** @param ready whether calls are taken. */
export async function openWaymark(
  settings: Pick<Settings, (typeof WAYMARK_SETTINGS)[number]> & Partial<Pick<Settings, 'host' | 'corsOrigins'>>,
  options: WaymarkOptions,
  ready: () => boolean,
): Promise<Waymark> {
  const { cwd = process.cwd(), definitions, logger = createLogger(settings.logLevel) } = options
  // The database thread starts up while this one loads the rest.
  const opening = openStore(settings, logger)
  opening.catch(() => {})
  let composed: Composed | undefined
  try {
    const { prepare, compose } = await import('./compose.ts')
    const prepared = await prepare(settings.modules, definitions)
    const store = await opening
    const { key, origin: keyOrigin } = takeSecretKey(settings.secretKey, cwd)
    composed = await compose({
      prepared,
      publish: options.publish,
      store,
      copyDatabase: 'backup' in store ? store.backup : undefined,
      cwd,
      settings,
      secretKey: key,
      version,
      logger,
      ready,
    })
    const { close: closeJourney, ...served } = composed
    const close = async () => {
      await closeJourney()
      await store.close()
    }
    let closing: Promise<void> | undefined
    return {
      ...served,
      key,
      keyOrigin,
      isSample: prepared.isSample,
      logger,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await composed?.close()
    await (await opening.catch(() => undefined))?.close()
    throw error
  }
}

async function openStore(
  { database, connections }: Pick<Settings, 'database' | 'connections'>,
  logger: Logger,
): Promise<JournalStore | SqliteStore> {
  if (database.kind === 'memory') return (await import('@waymark/store/memory')).createMemoryStore()
  if (database.kind === 'postgres') {
    const { createPostgresStore } = await import('@waymark/store/postgres')
    return createPostgresStore({
      url: database.url,
      connections,
      onNotice: (notice) => logger.info({ database: database.label }, notice),
    })
  }
  const { createSqliteStore } = await import('@waymark/store/sqlite')
  makeFolder(dirname(database.file))
  // Of a new file there is nothing to tell.
  const level = existsSync(database.file) ? 'info' : 'debug'
  return createSqliteStore({ file: database.file, onNotice: (notice) => logger[level]({ database: database.file }, notice) })
}

/** For its owner only: it holds what people did. The store says what is wrong where it cannot be made. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {}
}
