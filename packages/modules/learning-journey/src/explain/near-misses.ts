import {
  type CompiledTrack,
  type Detail,
  type DetailCheck,
  type Entry,
  explainStep,
  type Step,
  type TrackState,
  toPath,
  valueAt,
} from '../engine/index.ts'
import { toEntry } from '../record/entry-row.ts'
import { outcomesOf, type ReadingContext, type SubjectReading } from './subject-reading.ts'

/** An event that almost counted for a step. */
export interface NearMiss {
  readonly entry: Entry
  readonly reason: NonNullable<Awaited<ReturnType<typeof outcomesOf>>[number]['reason']>
  /** The one check that refused it; null when it was like what the step wants. */
  readonly check: DetailCheck | null
}

/** How many of the newest events are looked at, and how many misses are told. */
const LOOKED_AT = 50
const MOST = 5

/**
 * The last events of the names that a step listens to which one check refused, or which it was not the time for; newest first.
 * @param isVisible whether the caller may know of an event, by the learner who made it.
 */
export async function nearMisses(
  context: ReadingContext,
  reading: SubjectReading,
  track: CompiledTrack,
  step: Step,
  isVisible: (subject: string) => boolean,
): Promise<NearMiss[]> {
  const names = new Set(track.leaves.filter((leaf) => leaf.step === step.index).map(({ event }) => event))
  const rows = await context.store.readNewestEntries(reading.key, [...names], LOOKED_AT)
  const entries = rows
    .filter(({ kind, payload, subject }) => kind === 'event' && payload !== null && isVisible(subject))
    .map((row) => toEntry(row, undefined, reading.key.subject))
  if (entries.length === 0) return []
  const outcomes = await outcomesOf(context, reading, track, entries)
  const misses = outcomes
    .filter((outcome) => outcome.step === step.index && outcome.verdict === 'unchanged' && outcome.reason !== 'already_done')
    .sort((a, b) => a.entry - b.entry)
    .flatMap(({ entry: index, reason, state }): NearMiss[] => {
      const entry = entries[index] as Entry
      if (reason === null) return []
      if (!REFUSED.includes(reason)) return [{ entry, reason, check: null }]
      const check = onlyFailure(track, state, step, entry, context)
      return check === undefined ? [] : [{ entry, reason, check }]
    })
  return misses.slice(0, MOST)
}

const REFUSED: readonly string[] = ['condition_false', 'source_untrusted', 'version_unsupported', 'count_short']

/** What is wrong with an event where that is one thing; undefined where it is more, or where the condition has enough of such events. */
function onlyFailure(
  track: CompiledTrack,
  state: TrackState,
  step: Step,
  entry: Entry,
  { calendar }: ReadingContext,
): DetailCheck | undefined {
  const leaves = eventsOf(explainStep(track, state, step.index, { entry, calendar })).filter(({ event }) => event === entry.name)
  const failures = leaves.map(({ checks }) => checks.filter(({ met }) => !met)).sort((a, b) => a.length - b.length)
  const [fewest = []] = failures
  if (fewest.length > 0) return fewest.length === 1 ? fewest[0] : undefined
  const repeated = leaves.find(({ met, distinctBy }) => !met && distinctBy !== null)?.distinctBy
  if (repeated === undefined || repeated === null) return undefined
  const actual = valueAt(entry.payload, toPath(repeated))
  return { check: 'distinctBy', met: false, operator: 'unseen', expected: true, actual, from: `/eventPayload${repeated}` }
}

function eventsOf(detail: Detail): Extract<Detail, { node: 'event' }>[] {
  if (detail.node === 'event') return [detail]
  return 'parts' in detail ? detail.parts.flatMap(eventsOf) : []
}
