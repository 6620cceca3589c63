import type { ReservedCode } from '@waymark/contract'
import type { CallDeprecation } from './call-result.ts'
import type { ClientContract } from './client-contract.ts'
import { type AnyProblem, type Failed, failure } from './endpoint.ts'

/** The codes that every operation may answer, and whether trying again may help. */
export const RESERVED_RETRYABLE: Readonly<Record<ReservedCode, boolean>> = {
  VALIDATION_FAILED: false,
  UNAUTHENTICATED: false,
  FORBIDDEN: false,
  NOT_FOUND: false,
  CONFLICT: false,
  IDEMPOTENCY_MISMATCH: false,
  PAYLOAD_TOO_LARGE: false,
  RATE_LIMITED: true,
  GONE: false,
  TIMEOUT: true,
  INTERNAL: true,
}

/** The statuses with which what stands before a server speaks for it. */
const PASSING: readonly number[] = [429, 502, 503, 504]

/** The answer of an operation that answers once, read to its end. */
export async function readAnswer(
  response: Response,
  contract: ClientContract,
): Promise<{ readonly ok: true; readonly data: unknown } | Failed> {
  if (!response.ok) return readProblem(response, contract)
  const text = await response.text()
  const data = isType(response, 'application/json') ? parse(text) : undefined
  return data === undefined ? unreadable(response, text) : { ok: true, data }
}

/** Why there is no data in an answer. */
export async function readProblem(response: Response, contract: ClientContract): Promise<Failed> {
  const text = await response.text()
  const problem = isType(response, 'application/problem+json') ? parse(text) : undefined
  if (isProblem(problem)) return toFailed(problem, contract)
  if (!PASSING.includes(response.status)) return unreadable(response, text)
  const { status } = response
  const detail = `${response.url} answered ${status}, and not in the words of a Waymark server: something before it speaks for it.`
  return { ...failure('SERVER_UNREACHABLE', detail, { status }), askedMs: askedBy(response) }
}

/** A problem as the contract knows it. */
export function toFailed(problem: AnyProblem & { readonly status: number }, contract: ClientContract): Failed {
  const { code, status, detail } = problem
  const { errors } = contract.io
  const isDeclared = Object.hasOwn(errors, code)
  const askedMs = (problem.retryAfter ?? 0) * 1_000
  if (!isDeclared && !Object.hasOwn(RESERVED_RETRYABLE, code)) {
    const text = `The server answered ${code}, which this contract of ${contract.meta.key} does not have: ${detail}`
    return { ...failure('ANSWER_UNDECLARED', text, { status, cause: problem }), retry: PASSING.includes(status), askedMs }
  }
  const isRetryable = isDeclared ? errors[code]?.retryable === true : RESERVED_RETRYABLE[code as ReservedCode]
  // What says when to come back means it, whatever its code: a twin that is still running, for example.
  return { ok: false, error: problem, retry: isRetryable || problem.retryAfter !== undefined, askedMs }
}

export function unreadable(response: Response, text: string): Failed {
  const { status } = response
  const type = response.headers.get('content-type') ?? 'no content type'
  const detail = `${response.url} answered ${status} with ${type}: ${JSON.stringify(text.slice(0, 80))}. Is a Waymark server there?`
  return { ...failure('ANSWER_UNREADABLE', detail, { status }), retry: false }
}

/** What the headers of an answer say of the life of the operation. */
export function deprecationOf({ headers }: Response): CallDeprecation | null {
  const since = new Date(Number(/^@(\d+)$/.exec(headers.get('deprecation') ?? '')?.[1]) * 1_000)
  const sunset = Date.parse(headers.get('sunset') ?? '')
  if (Number.isNaN(since.getTime()) || Number.isNaN(sunset)) return null
  const successor = /<([^>]*)>;\s*rel="successor-version"/.exec(headers.get('link') ?? '')?.[1]
  return {
    since: since.toISOString(),
    sunset: new Date(sunset).toISOString(),
    successor: successor ?? null,
  }
}

/** True for the problem of a Waymark server, as far as the client reads it; others use the media type too. */
export function isProblem(value: unknown): value is AnyProblem & { readonly status: number } {
  const { type, code, detail, status, retryAfter = 0 } = (value ?? {}) as Readonly<Record<string, unknown>>
  const isNamed = typeof code === 'string' && type === `urn:waymark:error:${code}` && typeof detail === 'string'
  return isNamed && Number.isInteger(status) && typeof retryAfter === 'number' && retryAfter >= 0
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isType({ headers }: Response, wanted: string): boolean {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === wanted
}

/** `Retry-After` in seconds or as a date. */
function askedBy({ headers }: Response): number {
  const value = headers.get('retry-after') ?? ''
  const asked = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return asked > 0 ? asked : 0
}
