/** Which errors an operation can answer, as responses by status. The shared ones are components of the document. */
import {
  type ErrorDeclaration,
  isStream,
  jsonSchemaOf,
  type OperationEntry,
  RESERVED,
  type ReservedCode,
} from '@waymark/contract'
import { SURFACE_ERRORS, type SurfaceCode } from '../../errors.ts'
import type { Json } from './open-api-document.ts'
import type { SchemaComponents } from './schema-components.ts'

type CommonCode = ReservedCode | SurfaceCode

const COMMON = { ...RESERVED, ...SURFACE_ERRORS }

/** The shape of every problem; a response narrows it to its status and codes. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'The one error body, an RFC 9457 problem. Switch on `code`.',
  properties: {
    type: { type: 'string', description: '`urn:waymark:error:` and the code.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'One sentence about this occurrence.' },
    instance: { type: 'string', description: 'Id of this occurrence, which the log of the server also has.' },
    code: { type: 'string', description: 'What programs switch on.' },
    errors: {
      type: 'array',
      description: 'With `VALIDATION_FAILED`: the issues that were found, at most 100.',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer of the field; empty for the whole input.' },
          message: { type: 'string' },
          expected: { type: 'string' },
          received: { type: 'string' },
        },
        required: ['pointer', 'message', 'expected', 'received'],
      },
    },
    data: { description: 'With a declared error: its data.' },
    retryAfter: { type: 'number', description: 'Seconds after which the same call may succeed.' },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
} as const

/** The responses that operations share: one per status, for the codes that are not declared by a contract. */
export function commonResponses(): Record<string, Json> {
  return Object.fromEntries(
    Object.keys(COMMON)
      .filter((code) => code !== 'IDEMPOTENCY_MISMATCH')
      .map((code) => [commonName(code), response(COMMON[code as CommonCode].http, [commonError(code as CommonCode)])]),
  )
}

/**
 * Every error response of an operation, by status.
 * @param hasBody whether the input travels in a body.
 * @param name of the operation's components.
 */
export function errorResponses(
  entry: OperationEntry,
  hasBody: boolean,
  name: string,
  components: SchemaComponents,
): Record<string, Json> {
  const declared = Object.entries(entry.operation.io.errors).map(([code, error]) => declaredError(code, error, name, components))
  const common = commonCodes(entry, hasBody).map(commonError)
  const byStatus = Map.groupBy([...declared, ...common], ({ http }) => http)
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, errors]) => {
        const [only, ...others] = errors
        const isAlone = only !== undefined && others.length === 0 && only.code in COMMON && only.code !== 'IDEMPOTENCY_MISMATCH'
        const isShared = isAlone && entry.operation.meta.deprecation === undefined
        return [
          status,
          isShared
            ? { $ref: `#/components/responses/${commonName(only.code)}` }
            : response(status, errors, lifecycleHeaderRefs(entry)),
        ]
      }),
  )
}

interface DocumentedError {
  readonly code: string
  readonly http: number
  readonly when: string
  /** True when it can come with Retry-After. */
  readonly waits: boolean
  /** The schema of `problem.data`. */
  readonly data?: Json
}

/** The codes beside the declared ones that this call can meet. */
function commonCodes({ operation }: OperationEntry, hasBody: boolean): CommonCode[] {
  const { policy, meta, kind, io } = operation
  return [
    'VALIDATION_FAILED',
    'UNAUTHENTICATED',
    ...(policy.auth === 'anonymous' ? [] : (['FORBIDDEN'] as const)),
    'NOT_FOUND',
    ...(isStream(io.output) ? (['NOT_ACCEPTABLE'] as const) : []),
    ...(kind === 'command' ? (['CONFLICT'] as const) : []),
    ...(kind === 'command' && policy.idempotent !== true ? (['IDEMPOTENCY_MISMATCH'] as const) : []),
    ...(hasBody || policy.limits?.inputBytes !== undefined ? (['PAYLOAD_TOO_LARGE'] as const) : []),
    ...(hasBody ? (['UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    'RATE_LIMITED',
    'HEADERS_TOO_LARGE',
    ...(meta.deprecation === undefined ? [] : (['GONE'] as const)),
    ...(policy.limits?.timeoutMs === undefined ? [] : (['TIMEOUT'] as const)),
    'INTERNAL',
  ]
}

function commonError(code: CommonCode): DocumentedError {
  const { http, when } = COMMON[code]
  const waits = code === 'CONFLICT' || (code in RESERVED && RESERVED[code as ReservedCode].retryable)
  return { code, http, when, waits }
}

function declaredError(code: string, error: ErrorDeclaration, name: string, components: SchemaComponents): DocumentedError {
  const { http, when, data, retryable: waits = false } = error
  if (data === undefined) return { code, http, when, waits }
  return { code, http, when, waits, data: components.add(`${name}Error_${code}`, jsonSchemaOf(data, 'output')) }
}

/** The headers that every answer of a deprecated operation has. */
export function lifecycleHeaderRefs({ operation }: OperationEntry): Record<string, Json> {
  if (operation.meta.deprecation === undefined) return {}
  const names = { deprecation: 'Deprecation', sunset: 'Sunset', link: 'Link' }
  return Object.fromEntries(
    Object.entries(names).map(([name, component]) => [name, { $ref: `#/components/headers/${component}` }]),
  )
}

function response(status: number, errors: readonly DocumentedError[], more: Record<string, Json> = {}): Json {
  const headers: Record<string, Json> = { 'x-request-id': { $ref: '#/components/headers/RequestId' }, ...more }
  if (status === 401) headers['www-authenticate'] = { $ref: '#/components/headers/WwwAuthenticate' }
  if (errors.some(({ waits }) => waits)) headers['retry-after'] = { $ref: '#/components/headers/RetryAfter' }
  return {
    description: errors.map(({ code, when }) => `\`${code}\`: ${when}`).join('\n\n'),
    headers,
    content: { 'application/problem+json': { schema: problemSchema(status, errors) } },
  }
}

function problemSchema(status: number, errors: readonly DocumentedError[]): Json {
  const base = { $ref: '#/components/schemas/Problem' }
  const plain = errors.filter(({ data }) => data === undefined).map(({ code }) => code)
  // Generators that merge the two schemas narrow an integer by `enum`; by `const` some of them cannot.
  const narrow = (properties: Json, required: readonly string[] = []) => ({
    type: 'object',
    properties: { status: { type: 'integer', enum: [status] }, ...properties },
    required: ['status', 'code', ...required],
  })
  const variants = [
    ...(plain.length === 0 ? [] : [narrow({ code: { type: 'string', enum: plain } })]),
    ...errors.flatMap(({ code, data }) =>
      data === undefined ? [] : [narrow({ code: { type: 'string', const: code }, data }, ['data'])],
    ),
  ]
  const [only, ...others] = variants
  return others.length === 0 && only !== undefined ? { allOf: [base, only] } : { allOf: [base], oneOf: variants }
}

function commonName(code: string): string {
  return code
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join('')
}
