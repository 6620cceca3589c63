import { type FailInit, type Operation, type Problem, RESERVED, toProblem } from '@waymark/contract'
import { GRAPHQL_ERRORS, type GraphqlCode } from '../errors.ts'
import { toSurfaceProblem } from '../rest/respond.ts'
import type { Refusal } from '../rest/wire-input.ts'

/** An error as a response lists it: the problem of every other surface, in the shape of GraphQL. */
export interface GraphqlFailure {
  readonly message: string
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  readonly path?: readonly (string | number)[]
  readonly extensions: {
    readonly code: string
    readonly status: number
    readonly retryAfter?: number
    readonly [name: string]: unknown
  }
}

/** A problem as a failure: `extensions.code` is the `gqlCode` of a declared error, `type` still has the code of the contract. */
export function toFailure(problem: Problem, operation?: Operation): GraphqlFailure {
  const { detail, code, ...rest } = problem
  const errors = operation?.io.errors ?? {}
  const declared = Object.hasOwn(errors, code) ? errors[code] : undefined
  const reserved = Object.hasOwn(RESERVED, code) ? RESERVED[code as keyof typeof RESERVED] : undefined
  const retryable = declared?.retryable ?? reserved?.retryable ?? false
  return { message: detail, extensions: { code: declared?.gqlCode ?? code, ...rest, retryable } }
}

/** A request that never became a call. */
export function refusalFailure({ code, init }: Pick<Refusal, 'code' | 'init'>, requestId: string): GraphqlFailure {
  return toFailure(toSurfaceProblem(code, requestId, init))
}

/** The same for what only GraphQL can say. */
export function graphqlFailure(code: GraphqlCode, requestId: string, init: FailInit = {}): GraphqlFailure {
  const { http, title, when } = GRAPHQL_ERRORS[code]
  return toFailure({ ...toProblem(undefined, code, requestId, { detail: when, ...init }), title, status: http })
}
