import type { Registry } from '@waymark/contract'
import { refsWithin } from '../json-schema-walk.ts'
import { servedOperations } from '../operation-path.ts'
import { commonResponses, PROBLEM_SCHEMA } from './error-responses.ts'
import { INGEST_TAG, ingestPaths } from './ingest-paths.ts'
import type { Json, OpenApiDocument, PathItem } from './open-api-document.ts'
import { operationPaths } from './operation-paths.ts'
import { createSchemaComponents } from './schema-components.ts'
import { SECURITY_SCHEMES } from './security.ts'

export interface OpenApiOptions {
  readonly title: string
  readonly version: string
  /** What the API may be used under, as an SPDX expression such as `Apache-2.0`; the document says nothing of it when absent. */
  readonly license?: string | undefined
  /** Where the API is served; `/` when absent. */
  readonly serverUrl?: string
}

/** The OpenAPI 3.1 document of every operation, with every error it can answer. The same registry always gives the same document. */
export function toOpenApi(registry: Registry, options: OpenApiOptions): OpenApiDocument {
  const { title, version, license, serverUrl = '/' } = options
  const components = createSchemaComponents()
  components.add('Problem', PROBLEM_SCHEMA)
  const resolve = refsWithin({ components })
  const entries = servedOperations(registry)
  const ofOperations = entries.map((entry) => operationPaths(entry, registry, components, resolve))
  const paths: Record<string, PathItem> = Object.assign({}, ...ofOperations, ingestPaths(registry, components))
  const tags = new Set(
    Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ tags }) => (tags ?? []) as string[])),
  )
  const responses = used('responses', commonResponses(), paths)
  return {
    openapi: '3.1.1',
    info: { title, version, ...(license === undefined ? {} : { license: { name: license, identifier: license } }) },
    servers: [{ url: serverUrl }],
    // Of a tag that nobody describes there is nothing to declare.
    tags: [...tags].toSorted().flatMap((name) => {
      const description = registry.tag(name) ?? (name === INGEST_TAG ? INGEST_DESCRIPTION : undefined)
      return description === undefined ? [] : [{ name, description }]
    }),
    paths,
    components: {
      schemas: components.schemas,
      responses,
      parameters: used('parameters', PARAMETERS, paths),
      headers: used('headers', HEADERS, { paths, responses }),
      securitySchemes: admitted(paths),
    },
  }
}

const INGEST_DESCRIPTION = 'What unmodified event SDKs call.'

/** The components that something refers to. */
function used(kind: string, all: Readonly<Record<string, Json>>, by: object): Readonly<Record<string, Json>> {
  const text = JSON.stringify(by)
  return Object.fromEntries(Object.entries(all).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)))
}

/** The ways to prove who calls that something admits. */
function admitted(paths: Readonly<Record<string, PathItem>>): Readonly<Record<string, Json>> {
  const text = JSON.stringify(paths)
  return Object.fromEntries(Object.entries(SECURITY_SCHEMES).filter(([name]) => text.includes(`{"${name}":[]}`)))
}

const PARAMETERS: Readonly<Record<string, Json>> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Makes a repeated call safe: the same key with the same input answers as the first call did, for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    description: 'The id of the last event that came, which a client sends by itself when it comes back. Stands in for `after`.',
    schema: { type: 'string' },
  },
}

const HEADERS: Readonly<Record<string, Json>> = {
  RequestId: header('Id of this call, which the log of the server also has.', true),
  IdempotencyReplayed: header('`true` when the answer was kept from an earlier call with the same Idempotency-Key.'),
  RetryAfter: header('Seconds after which the same call may succeed.'),
  WwwAuthenticate: header('`Bearer`.'),
  Deprecation: header('When the operation was deprecated, as `@` and Unix seconds (RFC 9745).'),
  Sunset: header('When the operation ends (RFC 8594).'),
  Link: header('With `rel="successor-version"`: what replaces the operation.'),
}

function header(description: string, required = false): Json {
  return { description, required, schema: { type: 'string' } }
}
