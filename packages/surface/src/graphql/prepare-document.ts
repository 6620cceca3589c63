import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import type { GraphqlCode } from '../errors.ts'
import type { DocumentCache } from './document-cache.ts'
import { documentExcess, type GraphqlLimits, textExcess } from './document-limits.ts'
import { type GraphqlFailure, graphqlFailure } from './graphql-failure.ts'

type Prepared =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly failures: readonly [GraphqlFailure, ...GraphqlFailure[]] }

/** What a document is held against. */
export interface Preparing {
  readonly schema: GraphQLSchema
  readonly limits: GraphqlLimits
  readonly cache: DocumentCache
}

/** Parses a document and holds it against the limits and the schema, in an order in which none of that costs much. */
export function prepareDocument(query: string, { schema, limits, cache }: Preparing, requestId: string): Prepared {
  const known = cache.get(query)
  if (known !== undefined) return { ok: true, document: known }
  const refused = (code: GraphqlCode, detail: string): Prepared => {
    return { ok: false, failures: [graphqlFailure(code, requestId, { detail })] }
  }
  const longText = textExcess(query, limits)
  if (longText !== undefined) return refused('GRAPHQL_LIMIT_EXCEEDED', longText)
  let document: DocumentNode
  try {
    document = parse(query)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { ok: false, failures: [atItsPlace('GRAPHQL_PARSE_FAILED', error, requestId)] }
  }
  const tooMuch = documentExcess(document, limits)
  if (tooMuch !== undefined) return refused('GRAPHQL_LIMIT_EXCEEDED', tooMuch)
  const errors = validate(schema, document)
  if (errors.some(({ message }) => message === ABORTED)) return refused('GRAPHQL_LIMIT_EXCEEDED', TOO_OFTEN)
  const [first, ...others] = errors.map((error) => atItsPlace('GRAPHQL_VALIDATION_FAILED', error, requestId))
  if (first !== undefined) return { ok: false, failures: [first, ...others] }
  cache.set(query, document)
  return { ok: true, document }
}

/** How the library says that comparing all selections of one field would take too long. */
const ABORTED = 'Validation aborted.'
const TOO_OFTEN = 'The document selects the same field too often in one place. Select it once.'

/** An error of a document, with its place in it. */
export function atItsPlace(code: GraphqlCode, { message, locations }: GraphQLError, requestId: string): GraphqlFailure {
  return { ...graphqlFailure(code, requestId, { detail: message }), ...(locations === undefined ? {} : { locations }) }
}
