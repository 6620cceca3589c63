import { readFileSync } from 'node:fs'
import type { Problem } from '@waymark/contract'
import type { OperationCommand } from '@waymark/surface/cli'
import { type CallResult, createClient, type RetryNotice } from '@waymark/surface/client'
import { CliError } from './cli-error.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, say } from './print.ts'
import { problemError, serverOfEnvironment, unreachableError } from './server-client.ts'

interface CallOptions {
  readonly input?: string
  readonly all?: boolean
  readonly json?: boolean
  /** Made for each call when absent. */
  readonly idempotencyKey?: string
}

type AnyResult = CallResult<unknown, Pick<Problem, 'code' | 'detail'>>
type AnyCall = ((
  input: object,
  options?: { readonly idempotencyKey?: string },
) => Promise<AnyResult> & AsyncIterable<AnyResult>) & {
  readonly all: (input: object) => AsyncIterable<AnyResult>
}

/** Calls an operation of the running server with the input of flags; prints what it answers, items of pages and streams one a line. */
export async function callOperation(
  { entry, answers, read }: OperationCommand,
  values: Parameters<OperationCommand['read']>[0],
  { input: file, all = false, json = false, idempotencyKey }: CallOptions,
): Promise<void> {
  const { url, credential } = serverOfEnvironment()
  const { meta, kind } = entry.operation
  const flags = read(values)
  // Refused are names that no field may have.
  if (!flags.ok) throw new CliError('validation', flags.init.detail ?? flags.code)
  const input = { ...(file === undefined ? {} : readInput(file)), ...(flags.input as object) }
  if (meta.deprecation !== undefined) {
    const { since, sunset, successor } = meta.deprecation
    say(`${meta.key} is deprecated since ${since} and ends on ${sunset}.${successor === undefined ? '' : ` Use ${successor}.`}`)
  }
  const onRetry = ({ error, pauseMs }: RetryNotice) =>
    say(`${error.code}: ${error.detail} Trying again in ${Math.ceil(pauseMs / 1_000)} s.`)
  // Somebody waits at a terminal: what is away for longer than a moment is said.
  const client: unknown = createClient({ url, credential, retries: answers === 'as a stream' ? 5 : 1, onRetry }, [
    entry.operation,
  ])
  const name = entry.major > 1 ? `${meta.key}V${entry.major}` : meta.key
  const call = name.split('.').reduce((branch, part) => (branch as Record<string, unknown>)[part], client) as AnyCall
  const dataOf = (result: AnyResult) => {
    if (result.ok) return result.data
    throw toCliError(result.error, url)
  }
  if (answers === 'as a stream' || all) {
    process.once('SIGINT', () => process.exit(EXIT_CODES.interrupted.code))
    for await (const result of answers === 'as a stream' ? call(input) : call.all(input)) printJson(dataOf(result))
    return
  }
  const data = dataOf(await call(input, idempotencyKey === undefined ? {} : { idempotencyKey }))
  if (json) printJson(data)
  else print(JSON.stringify(data, null, 2))
  if (answers === 'in pages' && (data as { readonly nextCursor: string | null }).nextCursor !== null)
    say(`There are more; --all prints every item of this ${kind}.`)
}

function readInput(file: string): object {
  const place = file === '-' ? 'standard input' : file
  let input: unknown
  try {
    input = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    throw new CliError('usage', `The input cannot be read from ${place}: ${(error as Error).message}. Expected a JSON object.`)
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  throw new CliError(
    'usage',
    `The input in ${place} is ${Array.isArray(input) ? 'a list' : `a ${typeof input}`}. Expected a JSON object.`,
  )
}

function toCliError(error: Pick<Problem, 'code' | 'detail'>, url: string): CliError {
  if ('type' in error) return problemError(error as Problem)
  const document = { error: { code: error.code, message: error.detail } }
  if (error.code === 'SERVER_UNREACHABLE' || error.code === 'CALL_TIMED_OUT') return unreachableError(url, error.detail, document)
  return new CliError('failure', error.detail, document)
}
