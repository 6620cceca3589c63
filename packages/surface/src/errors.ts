/**
 * Every error code of this package. Families: `SURFACE_ERRORS`, `CONNECTION_ERRORS` and `GRAPHQL_ERRORS` travel to callers inside a problem, beside the
 * reserved codes of `@waymark/contract`; client codes are results of a call that has no answer, or none that its contract knows; mapping
 * codes are thrown while a process starts, as `MappingError`, because a mapping is wrong.
 */

/** Errors of HTTP itself, which no contract can declare. */
export const SURFACE_ERRORS = {
  METHOD_NOT_ALLOWED: {
    http: 405,
    title: 'The path does not take this method',
    when: 'A known path is called with another method; see Allow',
  },
  NOT_ACCEPTABLE: {
    http: 406,
    title: 'The answer has none of the types that are asked for',
    when: 'A stream is called without an Accept header that names text/event-stream or application/x-ndjson',
  },
  HEADERS_TOO_LARGE: {
    http: 431,
    title: 'The address and the headers are too large',
    when: 'The query string and the headers together exceed what the server reads, 16 KiB; POST takes the input in a body',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    http: 415,
    title: 'The body has a type or an encoding that is not read here',
    when: 'The body is not JSON, or is compressed in an unknown way',
  },
} as const satisfies { readonly [code: string]: { readonly http: number; readonly title: string; readonly when: string } }

export type SurfaceCode = keyof typeof SURFACE_ERRORS

/** Errors of a server's own connections, before there is a request: they end the connection. */
export const CONNECTION_ERRORS = {
  REQUEST_MALFORMED: {
    http: 400,
    title: 'This is no HTTP request',
    when: 'The bytes break the grammar of HTTP/1.1, or end inside a request',
  },
  REQUEST_TOO_SLOW: {
    http: 408,
    title: 'The request took too long to arrive',
    when: 'The head does not come within five seconds, or the whole request not within ten',
  },
  EXPECTATION_FAILED: {
    http: 417,
    title: 'The expectation is not met here',
    when: 'The header Expect asks for anything but 100-continue',
  },
} as const satisfies { readonly [code: string]: { readonly http: number; readonly title: string; readonly when: string } }

export type ConnectionCode = keyof typeof CONNECTION_ERRORS

/** Errors of a GraphQL request, before any operation of it is called. */
export const GRAPHQL_ERRORS = {
  GRAPHQL_REQUEST_INVALID: {
    http: 400,
    title: 'This is no GraphQL request',
    when: 'The parameters are not { query, variables, operationName }, or name no operation of the document',
  },
  GRAPHQL_PARSE_FAILED: {
    http: 400,
    title: 'The document is not GraphQL',
    when: 'The document breaks the grammar; locations says where',
  },
  GRAPHQL_VALIDATION_FAILED: {
    http: 400,
    title: 'The document does not fit the schema',
    when: 'A field, argument or type is unknown or used wrongly; locations says where',
  },
  GRAPHQL_LIMIT_EXCEEDED: {
    http: 400,
    title: 'The document asks for too much at once',
    when: 'Too long, too deep, or too many fields, aliases, operations or items in one document',
  },
} as const satisfies { readonly [code: string]: { readonly http: number; readonly title: string; readonly when: string } }

export type GraphqlCode = keyof typeof GRAPHQL_ERRORS

/** Codes that a client gives a call itself. */
export type ClientCode =
  | 'SERVER_UNREACHABLE'
  | 'CALL_TIMED_OUT'
  | 'CALL_ABORTED'
  | 'ANSWER_UNREADABLE'
  | 'ANSWER_UNDECLARED'
  | 'CREDENTIAL_FAILED'

/** Codes of `MappingError`. */
export type MappingCode = 'MAPPING_TARGET_UNKNOWN' | 'MAPPING_POINTER_ILLEGAL' | 'MAPPING_DUPLICATE'

/** A mapping is wrong. Thrown while a process starts, with what, where, and the next action in its message. */
export class MappingError extends Error {
  override readonly name = 'MappingError'
  readonly code: MappingCode

  constructor(code: MappingCode, message: string) {
    super(message)
    this.code = code
  }
}
