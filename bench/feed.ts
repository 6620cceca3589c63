import {
  advance,
  type CompiledTrack,
  type Derivation,
  type Entry,
  hearingOf,
  type TrackState,
  utcCalendar,
} from '@waymark/learning-journey/engine'

/** Match and advance: what the fold does with an entry that sorts last. Answers how many completions it derived. */
export function feed(track: CompiledTrack, state: TrackState, entry: Entry): number {
  const listener = hearingOf(track, entry)
  if (typeof listener === 'string') return 0
  const out: Derivation = { derived: [] }
  advance(track, state, entry, listener, utcCalendar, out)
  let completions = 0
  for (const { kind } of out.derived) if (kind === 'completed') completions++
  return completions
}
