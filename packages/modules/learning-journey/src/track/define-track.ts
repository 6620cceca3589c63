import type { EventContract } from '@waymark/contract'
import type { RewardModel, StepModel, Text, TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import { parseTrack } from './definition.ts'
import type { Condition, EventCondition } from './on.ts'

interface StepSpec<Key extends string> {
  readonly key: Key
  readonly title?: Text
  readonly description?: Text
  /** Steps that come first. */
  readonly after?: { readonly all: readonly NoInfer<Key>[] } | { readonly any: readonly NoInfer<Key>[] }
  readonly complete: Condition
  readonly reward?: RewardModel
}

interface TrackSpec<Key extends string>
  extends Pick<TrackModel, 'key' | 'version' | 'title' | 'description' | 'lateness' | 'completion'> {
  /** How a run starts: with the first event that any step counts (default), with an event of its own, or by `enroll`. */
  readonly enrol?: 'onFirstMatch' | 'explicit' | { readonly onEvent: EventCondition<EventContract> }
  readonly steps: readonly StepSpec<Key>[]
}

/**
 * Declares a track in TypeScript. Steps refer to event contracts, so an unknown event, field or step does not compile.
 * @returns the JSON form, frozen.
 * @throws TrackDefinitionError when a value is out of bounds; it names the field.
 */
export function defineTrack<const Key extends string>(spec: TrackSpec<Key>): TrackModel {
  const { enrol, steps, ...rest } = spec
  const definition = {
    format: 'waymark.track/1',
    ...rest,
    ...(enrol === undefined
      ? {}
      : { enrol: typeof enrol === 'string' ? { mode: enrol } : { mode: 'onEvent', ...startOf(enrol.onEvent) } }),
    steps: steps.map(({ complete, ...step }): StepModel => ({ ...step, complete: complete.model })),
  }
  const parsed = parseTrack(definition)
  if (parsed.ok) return parsed.track
  throw new TrackDefinitionError(
    'TRACK_INVALID',
    `The track ${spec.key} is not valid.\n${parsed.issues.map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`).join('\n')}`,
  )
}

/** What starts a run is one event: counts mean nothing there, and the schema refuses them. */
function startOf({ model }: EventCondition<EventContract>) {
  return model
}
