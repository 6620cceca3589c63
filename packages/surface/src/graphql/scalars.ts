import { GraphQLBoolean, GraphQLError, GraphQLFloat, GraphQLInt, GraphQLScalarType, GraphQLString } from 'graphql'
import { isRecord } from '../rest/is-record.ts'
import { isForbiddenKey } from '../rest/parse-json.ts'

/** The scalars that fields can have, by name. Each of ours is checked further by the contract. */
export const SCALARS: ReadonlyMap<string, GraphQLScalarType> = new Map(
  [
    GraphQLString,
    GraphQLInt,
    GraphQLFloat,
    GraphQLBoolean,
    scalar('SafeInt', 'A whole number that a double holds exactly: from -(2^53 - 1) to 2^53 - 1.', Number.isSafeInteger),
    scalar(
      'DateTime',
      'A moment as RFC 3339 writes it, e.g. `2026-03-01T09:30:00Z`.',
      isText,
      'https://www.rfc-editor.org/rfc/rfc3339',
    ),
    scalar('Date', 'A day as RFC 3339 writes it, e.g. `2026-03-01`.', isText, 'https://www.rfc-editor.org/rfc/rfc3339'),
    scalar(
      'JSON',
      'Any JSON value: of what stands here, the contract knows no type.',
      isJson,
      'https://www.rfc-editor.org/rfc/rfc8259',
    ),
  ].map((type) => [type.name, type]),
)

function scalar(name: string, description: string, admits: (value: unknown) => boolean, specifiedByURL?: string) {
  return new GraphQLScalarType({
    name,
    description,
    ...(specifiedByURL === undefined ? {} : { specifiedByURL }),
    coerceOutputValue: (value) => value,
    coerceInputValue(value) {
      if (!admits(value)) throw new GraphQLError(`This is no ${name}. ${description}`)
      return value
    },
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** In a document a value can be what the body of a call cannot: infinite, or with keys that change prototypes. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return !isRecord(value) || Object.entries(value).every(([key, item]) => !isForbiddenKey(key) && isJson(item))
}
