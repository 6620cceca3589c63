import { LEARNING_JOURNEY_OWNERS } from './owners.ts'

/** The meta of an operation of this module, one of the family that a tag names. */
export const operationMeta = <const Name extends string>(
  name: Name,
  family: string,
  { description, goal, context }: { readonly description: string; readonly goal: string; readonly context: string },
) => ({
  key: `learning.onboarding.${name}` as const,
  version: '1.0.0' as const,
  stability: 'beta' as const,
  owners: [...LEARNING_JOURNEY_OWNERS],
  tags: ['learning', 'onboarding', family],
  description,
  goal,
  context,
})
