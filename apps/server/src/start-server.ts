import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PublishMode } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import type { SqliteStore } from '@waymark/store/sqlite'
import type { NodeServer, ServeOptions } from '@waymark/surface/rest/node'
import type { Composed } from './compose.ts'
import { ServerError } from './errors.ts'
import { createLogger, type Logger } from './logger.ts'
import type { Definitions } from './modules/definitions.ts'
import { type SecretKey, takeSecretKey } from './secret-key.ts'
import { type Environment, parseSettings, type Settings } from './settings.ts'
import { version } from './version.ts'

export interface StartOptions {
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

/** A server that takes calls. */
export interface RunningServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  /** The secret key that may call everything. */
  readonly key: string
  readonly keyOrigin: SecretKey['origin']
  readonly settings: Pick<Settings, ServedSetting>
  readonly isSample: boolean
  readonly tracks: Composed['tracks']
  readonly unpublished: Composed['unpublished']
  readonly tryIt: Composed['tryIt']
  readonly logger: Logger
  /** Takes no more calls, finishes those in flight, and lets go of the database. */
  close(): Promise<void>
}

const SERVED_SETTINGS = [
  'port',
  'host',
  'database',
  'connections',
  'bus',
  'publish',
  'secretKey',
  'learnerSecret',
  'modules',
  'postHogGroup',
  'logLevel',
] as const
type ServedSetting = (typeof SERVED_SETTINGS)[number]

/**
 * Starts a server; resolves when it takes calls.
 * @throws ServerError with every problem that was found, or StoreError of the database. Nothing is left open then.
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { env = process.env, cwd = process.cwd(), definitions } = options
  const parsed = parseSettings(SERVED_SETTINGS, env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { settings } = parsed
  const logger = options.logger ?? createLogger(settings.logLevel)
  // The database thread starts up while this one loads the rest.
  const opening = openStore(settings, logger)
  opening.catch(() => {})
  let store: JournalStore | undefined
  let composed: Composed | undefined
  let isReady = false
  try {
    const { prepare, compose } = await import('./compose.ts')
    const prepared = await prepare(settings.modules, definitions)
    const { serveNode } = await import('@waymark/surface/rest/node')
    const opened = await opening
    store = opened
    const secretKey = takeSecretKey(settings.secretKey, cwd)
    composed = await compose({
      prepared,
      publish: options.publish,
      store,
      copyDatabase: 'backup' in opened ? opened.backup : undefined,
      cwd,
      settings,
      secretKey: secretKey.key,
      version,
      logger,
      ready: () => isReady,
    })
    const { fetch, tracks, unpublished, tryIt } = composed
    const isLogged = settings.logLevel === 'debug' || settings.logLevel === 'trace'
    const handler = isLogged ? logged(fetch, logger) : (request: Request) => fetch(request)
    const listening = await listen((options) => serveNode(handler, options), settings, logger)
    isReady = true
    const parts = { store, composed }
    const close = async () => {
      isReady = false
      await listening.close()
      await parts.composed.close()
      await parts.store.close()
    }
    let closing: Promise<void> | undefined
    return {
      url: reachable(listening.url),
      key: secretKey.key,
      keyOrigin: secretKey.origin,
      settings,
      isSample: prepared.isSample,
      tracks,
      unpublished,
      tryIt,
      logger,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await composed?.close()
    await (store ?? (await opening.catch(() => undefined)))?.close()
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

async function listen(
  serve: (options: ServeOptions) => Promise<NodeServer>,
  { host, port }: Pick<Settings, 'host' | 'port'>,
  logger: Logger,
): Promise<NodeServer> {
  const onError = (error: unknown) => logger.error({ err: error }, 'a request failed')
  try {
    return await serve({ host, port, onError })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new ServerError('ADDRESS_TAKEN', [
        `Port ${port} of ${host} is taken by another program. Stop it, or choose another port with PORT, e.g. PORT=${port + 1}.`,
      ])
    }
    const next = code === 'EACCES' ? 'Choose a PORT above 1023.' : 'Set HOST to an address of this machine, e.g. HOST=127.0.0.1.'
    throw new ServerError('ADDRESS_UNUSABLE', [`Cannot listen on port ${port} of ${host}: ${message}. ${next}`], { cause: error })
  }
}

/** One line per request, without the query: it can name a person. */
function logged(fetch: Composed['fetch'], logger: Logger): (request: Request) => Promise<Response> {
  return async (request) => {
    const start = performance.now()
    const response = await fetch(request)
    const requestId = response.headers.get('x-request-id')
    const ms = Math.round((performance.now() - start) * 10) / 10
    const path = /^[^:]+:\/\/[^/]*([^?#]*)/.exec(request.url)?.[1]
    logger.debug({ requestId, method: request.method, path, status: response.status, ms }, 'request')
    return response
  }
}

/** All addresses of a machine are no address to call. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}
