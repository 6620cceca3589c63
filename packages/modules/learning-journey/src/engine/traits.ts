import type { CompiledTrack } from './compile.ts'
import type { Entry } from './entry.ts'
import type { TrackState } from './state.ts'
import { valueAt } from './where.ts'

const TRAITS = ['traits']
/** The trait that says in which zone a subject lives. */
export const TIMEZONE = 'timezone'

/** The traits that an entry gives; the values replace those of the same names. */
export function traitsOf(entry: Entry): Readonly<Record<string, unknown>> {
  const traits = valueAt(entry.payload, TRAITS)
  return typeof traits === 'object' && traits !== null && !Array.isArray(traits) ? (traits as Record<string, unknown>) : {}
}

/** Takes the traits of an `identified` into the state, as far as the track looks at them. */
export function learnTraits(track: CompiledTrack, state: TrackState, entry: Entry): void {
  const traits = traitsOf(entry)
  for (const [index, { key, checks }] of track.predicates.entries()) {
    if (!Object.hasOwn(traits, key)) continue
    const [check] = checks
    const actual = check === undefined ? undefined : valueAt(traits, check.path)
    state.holds[index] = checks.every(({ holds }) => holds(actual))
  }
  const zone = traits[TIMEZONE]
  const inForce = state.zone === '' ? track.zone : state.zone
  if (!track.usesDays || typeof zone !== 'string' || zone === inForce) return
  state.zone = zone
  state.zoneSince = entry.occurredAt
}

/** True when the traits are those of the track's audience. */
export function isInAudience(track: CompiledTrack, state: TrackState): boolean {
  for (const predicate of track.audience) if (!state.holds[predicate]) return false
  return true
}
