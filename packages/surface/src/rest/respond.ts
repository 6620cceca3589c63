import { type FailInit, type Problem, type Result, toProblem } from '@waymark/contract'
import { CONNECTION_ERRORS, SURFACE_ERRORS } from '../errors.ts'
import type { Refusal } from './wire-input.ts'

export type HeaderList = readonly (readonly [name: string, value: string])[]

const UTF8 = new TextEncoder()

/** An answer in JSON. It carries its length, so that a server can send it in one piece. */
export function jsonResponse(status: number, value: unknown, headers: HeaderList = []): Response {
  return textResponse(status, JSON.stringify(value) ?? 'null', 'application/json', headers)
}

/** An answer whose text is JSON already. */
export function textResponse(status: number, text: string, contentType: string, headers: HeaderList = []): Response {
  const all: [string, string][] = [
    ['content-type', contentType],
    ['content-length', String(byteLength(text))],
  ]
  for (const [name, value] of headers) all.push([name, value])
  // Of bytes a Response makes a copy; text it encodes when somebody reads it. Counting its bytes first costs less than that copy.
  return new Response(text, { status, headers: all })
}

/** The length in UTF-8. Most answers are short and ASCII, and are counted in less time than a call of the encoder takes. */
function byteLength(text: string): number {
  if (text.length > SHORT) return UTF8.encode(text).byteLength
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return UTF8.encode(text).byteLength
  }
  return text.length
}

const SHORT = 1_024

/** The answer of an operation. */
export function resultResponse(result: Result, headers: HeaderList): Response {
  const all: HeaderList = [...headers, ['cache-control', 'no-store']]
  if (!result.ok) return problemResponse(result.problem, all)
  return jsonResponse(200, result.data, result.meta.replayed === true ? [...all, ['idempotency-replayed', 'true']] : all)
}

/** A problem with the headers that belong to it. */
export function problemResponse(problem: Problem, headers: HeaderList = []): Response {
  const all = [...headers]
  if (problem.status === 401) all.push(['www-authenticate', 'Bearer'])
  if (problem.retryAfter !== undefined) all.push(['retry-after', String(Math.ceil(problem.retryAfter))])
  return textResponse(problem.status, JSON.stringify(problem), 'application/problem+json', all)
}

/** The problem of a request that never became a call. */
export function refusalResponse(refusal: Refusal, requestId: string, headers: HeaderList = []): Response {
  return problemResponse(toSurfaceProblem(refusal.code, requestId, refusal.init), headers)
}

/** A refusal as the problem that its caller gets. */
export function toSurfaceProblem(code: Refusal['code'], requestId: string, init: FailInit): Problem {
  if (!(code in HTTP_ERRORS)) return toProblem(undefined, code, requestId, init)
  const { http, title, when } = HTTP_ERRORS[code as keyof typeof HTTP_ERRORS]
  const problem = toProblem(undefined, code, requestId, { detail: init.detail ?? when })
  return { ...problem, title, status: http }
}

const HTTP_ERRORS = { ...SURFACE_ERRORS, ...CONNECTION_ERRORS }
