/** What every answer has to be, whatever came: by the documented shape of its surface, and silent about the inside of the server. */
import { RESERVED } from '@waymark/contract'
import { CONNECTION_ERRORS, GRAPHQL_ERRORS, SURFACE_ERRORS } from '../../packages/surface/src/errors.ts'
import type { Surface } from './cases.ts'
import { registry } from './valid-requests.ts'
import type { WireAnswer } from './wire.ts'

/** Codes of HTTP and of every contract, with their statuses; a code can be declared with several. */
const STATUSES = new Map<string, Set<number>>()
for (const [code, { http }] of [
  ...Object.entries(RESERVED),
  ...Object.entries(SURFACE_ERRORS),
  ...Object.entries(CONNECTION_ERRORS),
])
  STATUSES.set(code, new Set([http]))
for (const { operation } of registry.operations)
  for (const [code, { http }] of Object.entries(operation.io.errors))
    STATUSES.set(code, (STATUSES.get(code) ?? new Set()).add(http))

/** Why an answer is not what it has to be; undefined when it is. */
export function flawOf(surface: Surface, { status, headers, body, goesOn }: WireAnswer): string | undefined {
  const type = (headers.get('content-type') ?? '').split(';', 1)[0] as string
  const text = body.toString()
  if (!(status >= 200 && status < 500)) return `the status ${status}`
  const leak = LEAK.exec(`${[...headers].join('\n')}\n${text}`)
  if (leak !== null) return `it gives away ${JSON.stringify(leak[0])}`
  if (DEFECT.test(text)) return 'it tells of a defect'
  if (goesOn || /event-stream|ndjson/.test(type) || body.length === 0)
    return status < 400 || headers.has('content-type') ? undefined : `an empty ${status}`
  if (status < 400) return undefined
  if (type === 'application/problem+json')
    return (
      problemFlaw(status, parse(text)) ??
      (surface === 'graphql' && !BEFORE_SURFACES.has(status) ? 'a problem of REST' : undefined)
    )
  if (type === 'text/plain') return surface === 'docs' ? undefined : 'plain text'
  if (!/^application\/(graphql-response\+)?json$/.test(type)) return `the type ${type}`
  const value = parse(text)
  if (isRecord(value) && value.jsonrpc === '2.0')
    return surface === 'mcp' || surface === 'docs' ? rpcFlaw(value) : 'an error of JSON-RPC'
  return surface === 'graphql' || surface === 'docs' ? graphqlFlaw(status, value) : 'an error of GraphQL'
}

/** What HTTP refuses before a request comes to its surface. */
const BEFORE_SURFACES = new Set([405, 413, 417, 429, 431])

/** A stack, a place in a file system, the text of an error of JavaScript, Node, a library or the database. */
const LEAK =
  /\n\s+at \S+ \(|\bat (async )?file:|node:internal|node_modules|file:\/\/\/|\/(tmp|home|root|work|usr)\/\w|\.ts:\d+|\b(Type|Range|Reference|Syntax|Zod|Sqlite|Store|Aggregate)Error\b|is not a function|Cannot read propert|is not iterable|Maximum call stack|SQLITE_|undefined \(reading/

/** A defect of ours, as each surface would say it. */
const DEFECT = /urn:waymark:error:INTERNAL|"code":"INTERNAL"|"code":-32603\b/

function problemFlaw(status: number, value: unknown): string | undefined {
  if (!isRecord(value)) return 'a problem that is no object'
  const { type, title, status: said, detail, instance, code, errors, retryAfter } = value
  if (typeof code !== 'string' || !STATUSES.get(code)?.has(status)) return `the code ${String(code)} with ${status}`
  if (type !== `urn:waymark:error:${code}` || said !== status)
    return `the type ${String(type)} and the status ${String(said)} in the problem`
  if (![title, detail, instance].every((text) => typeof text === 'string' && text !== '')) return 'a problem without words'
  if (!/^urn:waymark:request:[\w-]+$/.test(String(instance))) return `the instance ${String(instance)}`
  if (retryAfter !== undefined && typeof retryAfter !== 'number') return 'a retryAfter that is no number'
  if (code === 'VALIDATION_FAILED' && errors === undefined) return undefined
  return errors === undefined ? undefined : issuesFlaw(errors)
}

function issuesFlaw(errors: unknown): string | undefined {
  if (!Array.isArray(errors) || errors.length === 0) return 'errors without an issue'
  return errors.every(
    (issue) => isRecord(issue) && ['pointer', 'message', 'expected', 'received'].every((name) => typeof issue[name] === 'string'),
  )
    ? undefined
    : `the issue ${JSON.stringify(errors)}`
}

function graphqlFlaw(status: number, value: unknown): string | undefined {
  if (!isRecord(value) || !Array.isArray(value.errors) || value.errors.length === 0 || ('data' in value && value.data !== null))
    return 'no errors of GraphQL'
  for (const error of value.errors) {
    if (!isRecord(error) || typeof error.message !== 'string' || !isRecord(error.extensions))
      return 'an error of GraphQL without words'
    const { code, type, title, status: said, instance, errors } = error.extensions
    const known = Object.hasOwn(GRAPHQL_ERRORS, String(code)) || STATUSES.has(String(type).replace('urn:waymark:error:', ''))
    if (typeof code !== 'string' || !known) return `the code ${String(code)}`
    if (typeof title !== 'string' || typeof instance !== 'string') return 'an error of GraphQL without a problem'
    // A request whose document or variables are wrong is a 400, whatever the problem is elsewhere.
    if (!Number.isInteger(said) || (status !== 400 && value.errors.length === 1 && said !== status))
      return `the status ${String(said)} in a ${status}`
    const flaw = errors === undefined ? undefined : issuesFlaw(errors)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

function rpcFlaw({ id, error }: Readonly<Record<string, unknown>>): string | undefined {
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') return `the id ${String(id)}`
  return isRecord(error) && Number.isInteger(error.code) && typeof error.message === 'string' && error.message !== ''
    ? undefined
    : 'no error of JSON-RPC'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
