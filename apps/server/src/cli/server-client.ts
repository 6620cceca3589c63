import { hash } from 'node:crypto'
import type { Problem } from '@waymark/contract'
import { ServerError } from '../errors.ts'
import { keyFileOf, readKeyFile } from '../secret-key.ts'
import { type Environment, parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'
import type { ExitName } from './exit-codes.ts'

/** Calls operations on a running server. */
export interface ServerClient {
  readonly url: string
  /** Tells credentials apart, and gives nothing away of them. */
  readonly credentialHash: string
  /**
   * @param operation key of an operation; one of the learning journey by its last name.
   * @throws CliError when there is no answer, or the answer is a problem.
   */
  call<Output>(operation: string, input: unknown, options?: CallOptions): Promise<Output>
  /**
   * Sends a JSON-RPC message to a path; resolves with the answer, an error of JSON-RPC included.
   * @throws CliError when there is none.
   */
  rpc(path: string, message: unknown, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<unknown>
}

interface CallOptions {
  readonly idempotencyKey?: string
  /** 30 seconds when absent. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 30_000

/** The client of the server of `WAYMARK_URL`, with the key of the environment or of `.waymark/key`. */
export function createServerClient(env: Environment = process.env, cwd: string = process.cwd()): ServerClient {
  const { url, credential } = serverOfEnvironment(env, cwd)
  return {
    url,
    credentialHash: hash('sha256', credential, 'base64url').slice(0, 16),
    async call<Output>(operation: string, input: unknown, { idempotencyKey, timeoutMs = TIMEOUT_MS }: CallOptions = {}) {
      const key = operation.includes('.') ? operation : `learning.onboarding.${operation}`
      const init = {
        method: 'POST',
        headers: {
          authorization: `Bearer ${credential}`,
          'content-type': 'application/json',
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify(input),
      }
      const response = await send(`${url}/v1/${key.replaceAll('.', '/')}`, init, timeoutMs)
      return (await read(response, url)) as Output
    },
    async rpc(path, message, headers, signal) {
      const init = {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${credential}` },
        body: JSON.stringify(message),
      }
      const response = await send(`${url}${path}`, init, TIMEOUT_MS, signal)
      // Its errors come with a status of 400 and above, too.
      const body: unknown = await response
        .clone()
        .json()
        .catch(() => undefined)
      return isRpcAnswer(body) ? body : read(response, url)
    },
  }
}

/**
 * The server of `WAYMARK_URL`, and the key of the environment or of `.waymark/key`.
 * @throws CliError when there is no key.
 */
export function serverOfEnvironment(
  env: Environment = process.env,
  cwd: string = process.cwd(),
): { readonly url: string; readonly credential: string } {
  const parsed = parseSettings(['url', 'secretKey'], env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { url, secretKey } = parsed.settings
  const credential = secretKey ?? readKeyFile(keyFileOf(cwd))
  if (credential === undefined) {
    throw new CliError(
      'auth',
      `There is no secret key: WAYMARK_SECRET_KEY is not set, and there is no ${keyFileOf(cwd)}. Set it, or run this in the folder in which the server runs.`,
    )
  }
  return { url, credential }
}

async function send(url: string, init: RequestInit, timeoutMs: number, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(url, { ...init, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) })
  } catch (error) {
    const { cause, name } = error as Error & { readonly cause?: NodeJS.ErrnoException }
    const why = name === 'TimeoutError' ? `no answer in ${timeoutMs / 1_000} s` : (cause?.code ?? cause?.message ?? name)
    throw unreachableError(url, why)
  }
}

function isRpcAnswer(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'jsonrpc' in body
}

async function read(response: Response, url: string): Promise<unknown> {
  const text = await response.text()
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
  if (!isJson || (!response.ok && !text.includes('urn:waymark:'))) {
    throw new CliError(
      'failure',
      `What answers at ${url} is not a Waymark server (status ${response.status}). Correct WAYMARK_URL.`,
    )
  }
  const body: unknown = JSON.parse(text)
  if (response.ok) return body
  throw problemError(body as Problem)
}

/** No answer: how a command that calls ends. */
export function unreachableError(url: string, why: string, document?: unknown): CliError {
  const { origin } = new URL(url)
  const message = `No server answers at ${origin} (${why}). Start one with \`waymark serve\`, or set WAYMARK_URL.`
  return new CliError('unreachable', message, document)
}

/** A problem of the server: how a command that met it ends. */
export function problemError(problem: Problem): CliError {
  return new CliError(exitOf(problem), toText(problem), problem)
}

/** Exit code of a problem of the server. */
function exitOf({ status }: Problem): ExitName {
  if (status === 401 || status === 403) return 'auth'
  if (status === 404 || status === 410) return 'notFound'
  if (status === 409) return 'conflict'
  if (status === 400 || status === 413 || status === 415 || status === 422) return 'validation'
  return status === 429 || status === 502 || status === 503 || status === 504 ? 'unreachable' : 'failure'
}

function toText({ code, title, detail, errors = [], data, instance }: Problem): string {
  const { nearest } = (data ?? {}) as { readonly nearest?: readonly string[] }
  return [
    `${code}: ${title}. ${detail}`,
    ...errors.map(
      ({ pointer, message, expected, received }) =>
        `  ${pointer || '/'}: ${message} (expected ${expected}, received ${received})`,
    ),
    ...(nearest === undefined || nearest.length === 0 ? [] : [`  Did you mean ${nearest.join(' or ')}?`]),
    `  ${instance}`,
  ].join('\n')
}
