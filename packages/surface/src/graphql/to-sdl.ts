import type { Registry } from '@waymark/contract'
import { planSchema } from './plan-schema.ts'

/**
 * The schema of a registry in the schema definition language.
 * @throws DefinitionError naming both places, when two of them would get the same name.
 */
export async function toSdl(registry: Registry): Promise<string> {
  const plan = planSchema(registry)
  const [{ printSchema }, { buildSchema }] = await Promise.all([import('graphql'), import('./build-schema.ts')])
  const never = () => Promise.reject(new Error('This schema is only printed.'))
  return `${printSchema(buildSchema(plan, { resolve: never, subscribe: never }))}\n`
}
