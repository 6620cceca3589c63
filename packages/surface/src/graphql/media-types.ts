import { mediaType } from '../rest/media-type.ts'

/** What a response to GraphQL can be. */
export type GraphqlType = 'application/graphql-response+json' | 'application/json' | 'text/event-stream'

const BY_NAME: ReadonlyMap<string, GraphqlType> = new Map([
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/json', 'application/json'],
  ['text/event-stream', 'text/event-stream'],
  // Clients that name no type are of the time before there was one for GraphQL.
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
])

/** The first type of an Accept header that can be sent; undefined when there is none. */
export function acceptedType(accept: string | null): GraphqlType | undefined {
  if (accept === null || accept.trim() === '') return 'application/json'
  return accept
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*(;|$)/.test(part))
    .map((part) => BY_NAME.get(mediaType(part)))
    .find((type) => type !== undefined)
}
