import {
  advance,
  type CompiledTrack,
  type Derivation,
  type Entry,
  standingOf,
  type TrackState,
} from '@waymark/learning-journey/engine'

/** Match and advance: what the fold does with an entry that sorts last. Answers how many completions it derived. */
export function feed(track: CompiledTrack, state: TrackState, entry: Entry): number {
  const standing = standingOf(track, entry)
  if (typeof standing === 'string') return 0
  const out: Derivation = { started: null, completions: [] }
  advance(track, state, entry, standing, out)
  return out.completions.length
}
