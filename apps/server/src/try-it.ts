import type { Registry } from '@waymark/contract'
import type { ConditionModel, LeafModel, TrackModel } from '@waymark/learning-journey'
import { toSamplePayload } from './sample-payload.ts'

/** Calls that make a learner advance in what is served. */
export interface TryIt {
  readonly learnerId: string
  /** At most two; fewer when no payload could be made up. */
  readonly calls: readonly { readonly operation: 'enroll' | 'recordEvent'; readonly body: Readonly<Record<string, unknown>> }[]
}

const LEARNER = 'ada'
const MOST_CALLS = 2

/** The first events that the first track wants, with made-up payloads that its contracts take. */
export function toTryIt(tracks: readonly TrackModel[], registry: Registry): TryIt {
  const [track] = tracks
  if (track === undefined) return { learnerId: LEARNER, calls: [] }
  const start =
    track.enrol?.mode === 'explicit'
      ? [{ operation: 'enroll' as const, body: { learnerId: LEARNER, trackId: track.key } }]
      : track.enrol?.mode === 'onEvent'
        ? toCall(track.enrol, registry, 0)
        : []
  const steps = track.steps.map(({ complete }) => firstLeaf(complete))
  const events = steps.flatMap((leaf, index) => toCall(leaf, registry, index + 1))
  return { learnerId: LEARNER, calls: [...start, ...events].slice(0, MOST_CALLS) }
}

function toCall(leaf: LeafModel, registry: Registry, index: number): TryIt['calls'] {
  const entry = registry.event(leaf.event, leaf.version)
  const eventPayload = entry && toSamplePayload(entry, leaf, index)
  if (entry === undefined || eventPayload === undefined) return []
  const isLatest = registry.event(leaf.event) === entry
  const body = {
    learnerId: LEARNER,
    eventName: leaf.event,
    ...(isLatest ? {} : { eventVersion: entry.event.meta.version }),
    ...(leaf.source === undefined ? {} : { sourceModule: leaf.source }),
    ...(Object.keys(eventPayload).length === 0 ? {} : { eventPayload }),
  }
  return [{ operation: 'recordEvent', body }]
}

function firstLeaf(condition: ConditionModel): LeafModel {
  if ('event' in condition) return condition
  const [parts = []] = Object.values(condition) as (readonly ConditionModel[])[]
  return firstLeaf(parts[0] as ConditionModel)
}
