import type { NodeServer, ServeOptions } from '@waymark/surface/rest/node'
import { openWaymark, WAYMARK_SETTINGS, type Waymark, type WaymarkOptions } from './create-waymark.ts'
import { ServerError } from './errors.ts'
import type { Logger } from './logger.ts'
import { parseSettings, type Settings } from './settings.ts'

export type StartOptions = WaymarkOptions

/** A server that takes calls. */
export interface RunningServer extends Omit<Waymark, 'fetch'> {
  /** Where it is reached, without a slash at the end. */
  readonly url: string
  readonly settings: Pick<Settings, ServedSetting>
  /** Takes no more calls, finishes those in flight, and lets go of the database. */
  close(): Promise<void>
}

const SERVED_SETTINGS = ['port', 'host', 'corsOrigins', ...WAYMARK_SETTINGS] as const
type ServedSetting = (typeof SERVED_SETTINGS)[number]

/**
 * Starts a server; resolves when it takes calls.
 * @throws ServerError with every problem that was found, or StoreError of the database. Nothing is left open then.
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { env = process.env, cwd = process.cwd() } = options
  const parsed = parseSettings(SERVED_SETTINGS, env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { settings } = parsed
  let isReady = false
  // Loaded while the database opens.
  const loading = import('@waymark/surface/rest/node')
  const { fetch, ...waymark } = await openWaymark(settings, options, () => isReady)
  const { logger } = waymark
  try {
    const { serveNode } = await loading
    const isLogged = settings.logLevel === 'debug' || settings.logLevel === 'trace'
    const handler = isLogged ? logged(fetch, logger) : (request: Request) => fetch(request)
    const listening = await listen((options) => serveNode(handler, options), settings, logger)
    isReady = true
    const close = async () => {
      isReady = false
      await listening.close()
      await waymark.close()
    }
    let closing: Promise<void> | undefined
    return {
      ...waymark,
      url: reachable(listening.url),
      settings,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await waymark.close()
    throw error
  }
}

async function listen(
  serve: (options: ServeOptions) => Promise<NodeServer>,
  { host, port, corsOrigins }: Pick<Settings, 'host' | 'port' | 'corsOrigins'>,
  logger: Logger,
): Promise<NodeServer> {
  const onError = (error: unknown) => logger.error({ err: error }, 'a request failed')
  try {
    return await serve({ host, port, corsOrigins, onError })
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
function logged(fetch: Waymark['fetch'], logger: Logger): (request: Request) => Promise<Response> {
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
