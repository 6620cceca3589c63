import type { StepModel, TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import type { TraitCondition } from './define-traits.ts'
import { parseTrack } from './definition.ts'
import type { Condition, SomeEventCondition } from './on.ts'

interface StepSpec<Key extends string, Branch extends string>
  extends Pick<StepModel, 'title' | 'description' | 'required' | 'skippable' | 'opens' | 'due' | 'reward' | 'action' | 'help'> {
  readonly key: Key
  /** What has to be satisfied first. */
  readonly after?: AfterSpec<NoInfer<Key>, NoInfer<Branch>>
  readonly complete: Condition
  /** The ways on from here: the first whose `when` is met as the step is settled, else `default`. */
  readonly branches?: readonly { readonly key: Branch; readonly when?: Condition }[]
  readonly default?: Branch
}

type AfterSpec<Key extends string, Branch extends string> =
  | { readonly all: readonly Key[]; readonly branch?: `${Key}.${Branch}` }
  | { readonly any: readonly Key[]; readonly branch?: `${Key}.${Branch}` }
  /** `step.branch`: the step belongs to that way. */
  | { readonly branch: `${Key}.${Branch}` }

interface TrackSpec<Key extends string, Branch extends string>
  extends Omit<TrackModel, 'format' | 'audience' | 'enrol' | 'streak' | 'steps'> {
  /** Whose runs there are: what `defineTraits(…).learner.where(…)` or `.account.where(…)` gives. */
  readonly audience?: TraitCondition
  /**
   * How a run starts: with the first event that any step counts (default), with an event of its own, when a subject begins to be like
   * the audience, or by `enroll`.
   */
  readonly enrol?: 'onFirstMatch' | 'explicit' | 'onSegment' | { readonly onEvent: SomeEventCondition }
  /** Days in a row with an event. */
  readonly streak?: Omit<NonNullable<TrackModel['streak']>, 'on'> & { readonly on: SomeEventCondition }
  readonly steps: readonly StepSpec<Key, Branch>[]
}

/**
 * Declares a track in TypeScript. Steps refer to event contracts, so an unknown event, field, step or branch does not compile.
 * @returns the JSON form, frozen.
 * @throws TrackDefinitionError when a value is out of bounds; it names the field.
 */
export function defineTrack<const Key extends string, const Branch extends string = never>(
  spec: TrackSpec<Key, Branch>,
): TrackModel {
  const { audience, enrol, streak, steps, ...rest } = spec
  const definition = {
    format: 'waymark.track/1',
    ...rest,
    ...(audience === undefined ? {} : { audience: audience.audience }),
    // What starts a run or makes a day count is one event: counts mean nothing there, and the schema refuses them.
    ...(enrol === undefined
      ? {}
      : { enrol: typeof enrol === 'string' ? { mode: enrol } : { mode: 'onEvent', ...enrol.onEvent.model } }),
    ...(streak === undefined ? {} : { streak: { ...streak, on: streak.on.model } }),
    steps: steps.map(toStep),
  }
  const parsed = parseTrack(definition)
  if (parsed.ok) return parsed.track
  throw new TrackDefinitionError(
    'TRACK_INVALID',
    `The track ${spec.key} is not valid.\n${parsed.issues.map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`).join('\n')}`,
  )
}

function toStep({ complete, branches, ...step }: StepSpec<string, string>): StepModel {
  return {
    ...step,
    complete: complete.model,
    ...(branches === undefined
      ? {}
      : { branches: branches.map(({ key, when }) => (when === undefined ? { key } : { key, when: when.model })) }),
  }
}
