import type { FailInit } from '@waymark/contract'
import type { GraphqlCode } from '../errors.ts'
import { isRecord } from '../rest/is-record.ts'
import { isJsonType } from '../rest/media-type.ts'
import { parseJson } from '../rest/parse-json.ts'
import { readJson, refuseType } from '../rest/read-json.ts'
import { type Refusal, refuseInput } from '../rest/wire-input.ts'

/** What a request asks to execute. */
export interface GraphqlRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | undefined
}

/** A request that cannot be read: by a code of HTTP, or by one of GraphQL. */
export type Unreadable = Refusal | { readonly ok: false; readonly code: GraphqlCode; readonly init: FailInit }

type Read = { readonly ok: true; readonly request: GraphqlRequest } | Unreadable

/**
 * Reads the parameters of a request: of a body in JSON, or of a query string.
 * @param limit of the body, in bytes.
 * @see https://graphql.github.io/graphql-over-http/draft/
 */
export async function readRequest(request: Request, limit: number): Promise<Read> {
  if (request.method === 'GET') return readQueryString(new URL(request.url).searchParams)
  const contentType = request.headers.get('content-type')
  if (!isJsonType(contentType)) return refuseType(contentType, 'Content-Type: application/json')
  const body = await readJson(request, limit)
  if (!body.ok) return body.code === 'VALIDATION_FAILED' ? invalid(body.init.detail ?? 'The body is not JSON.') : body
  // Of a body, only the input of an operation is known to who wrote it.
  const flaws = body.flaws.map((flaw) => ({ ...flaw, pointer: flaw.pointer.replace(/^\/variables\/input(?=\/|$)/, '') }))
  const [first, ...others] = flaws
  if (first !== undefined) return refuseInput([first, ...others])
  return isRecord(body.value)
    ? checked(body.value)
    : invalid('The body is JSON, and not an object { query, variables, operationName }.')
}

function readQueryString(search: URLSearchParams): Read {
  const parameters: Record<string, unknown> = { query: search.get('query'), operationName: search.get('operationName') }
  for (const name of ['variables', 'extensions']) {
    const text = search.get(name)
    if (text === null || text === '') continue
    const parsed = parseJson(text)
    if (!parsed.ok || parsed.flaws.length > 0)
      return invalid(`The parameter ${name} is not JSON. Send an object, percent-encoded.`)
    parameters[name] = parsed.value
  }
  return checked(parameters)
}

function checked({ query, variables, operationName, extensions }: Readonly<Record<string, unknown>>): Read {
  if (typeof query !== 'string') return invalid(`The parameter query is ${sort(query)}; expected the document as a text.`)
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return invalid(`The parameter operationName is ${sort(operationName)}; expected a text, or leave it out.`)
  }
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (value !== undefined && value !== null && !isRecord(value)) {
      return invalid(`The parameter ${name} is ${sort(value)}; expected an object, or leave it out.`)
    }
  }
  return {
    ok: true,
    request: { query, variables: isRecord(variables) ? variables : {}, operationName: operationName ?? undefined },
  }
}

function sort(value: unknown): string {
  if (value === undefined || value === null) return 'missing'
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`
}

function invalid(detail: string): Unreadable {
  return { ok: false, code: 'GRAPHQL_REQUEST_INVALID', init: { detail } }
}
