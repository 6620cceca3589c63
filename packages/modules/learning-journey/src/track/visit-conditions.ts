import type { ConditionModel, LeafModel, TrackModel } from '../engine/index.ts'

/** The parts of a group, with their pointers; none of a leaf. */
export function placedParts(condition: ConditionModel, pointer: string): (readonly [ConditionModel, string])[] {
  for (const kind of ['all', 'any', 'sequence'] as const) {
    const parts = (condition as { readonly [Kind in typeof kind]?: readonly ConditionModel[] })[kind]
    if (parts !== undefined) return parts.map((part, index) => [part, `${pointer}/${kind}/${index}`] as const)
  }
  return []
}

/** Visits a condition and everything in it, from the outside in. */
export function eachNode(
  condition: ConditionModel,
  pointer: string,
  visit: (node: ConditionModel, pointer: string) => void,
): void {
  visit(condition, pointer)
  for (const [part, place] of placedParts(condition, pointer)) eachNode(part, place, visit)
}

/** Visits the event leaves of a condition. */
export function eachLeaf(condition: ConditionModel, pointer: string, visit: (leaf: LeafModel, pointer: string) => void): void {
  eachNode(condition, pointer, (node, place) => {
    if ('event' in node) visit(node, place)
  })
}

/** All conditions of a track with their pointers: what completes a step, and what decides a branch. */
export function conditionsOf({ steps }: TrackModel): (readonly [ConditionModel, string])[] {
  return steps.flatMap(({ complete, branches = [] }, step) => [
    [complete, `/steps/${step}/complete`] as const,
    ...branches.flatMap(({ when }, branch) =>
      when === undefined ? [] : [[when, `/steps/${step}/branches/${branch}/when`] as const],
    ),
  ])
}
