import { composeRegistry } from '@waymark/contract'
import { toSdl } from '@waymark/surface/graphql'
import {
  buildSchema,
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  getNamedType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { expect, it } from 'vitest'
import { OWN_MODULES } from '../../apps/server/src/modules/own-modules.ts'
import { DEFAULT_LIMITS } from '../../packages/surface/src/graphql/document-limits.ts'

/** How deep the conditions of a track may be: docs/reference/track-format.md. */
const DEEPEST_CONDITION = 8

/** Fields inside fields of a document that selects all there is; of conditions, as many inside each other as a track may have. */
function depthOf(use: GraphQLOutputType, around: readonly GraphQLNamedOutputType[] = []): number {
  const type = getNamedType(use)
  const within = [...around, type]
  if (around.filter((outer) => outer === type).length === DEEPEST_CONDITION) return Number.NEGATIVE_INFINITY
  if (isUnionType(type)) return Math.max(...type.getTypes().map((member) => depthOf(member, within)))
  if (!isObjectType(type)) return 0
  return 1 + Math.max(...Object.values(type.getFields()).map((field) => depthOf(field.type, within)))
}

it('every answer of Waymark itself can be selected whole, and the limit is no higher than that', async () => {
  const schema = buildSchema(await toSdl(composeRegistry(...OWN_MODULES)))
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}))
  const depths = fields.map(({ type }) => 1 + depthOf(type))
  expect(Math.max(...depths)).toBe(DEFAULT_LIMITS.depth)
})
