/** Contracts as one GraphQL schema: queries, mutations, and subscriptions over server-sent events. */
export { GRAPHQL_ERRORS, type GraphqlCode } from '../errors.ts'
export { createGraphql, type Graphql, type GraphqlOptions } from './create-graphql.ts'
export type { GraphqlLimits } from './document-limits.ts'
export { toSdl } from './to-sdl.ts'
