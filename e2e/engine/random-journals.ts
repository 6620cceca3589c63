import { type CompiledTrack, compileTrack, type Entry } from '@waymark/learning-journey/engine'
import fc from 'fast-check'
import { createZoneCalendar } from '../../packages/modules/learning-journey/src/time/zone-calendar.ts'
import { parseTrack } from '../../packages/modules/learning-journey/src/track/definition.ts'
import { type Features, type Journal, journalsArbitrary } from '../oracle/arbitraries.ts'
import type { Track } from '../oracle/track.ts'
import { Replay } from './replay.ts'

/** How many journals all properties together run; `ORACLE_RUNS` raises it. fast-check prints the seed of a failure. */
export const SEQUENCES = Number(process.env.ORACLE_RUNS ?? 20_000)
/** A track costs more than a journal, so each is tried on several. */
const PER_TRACK = 4

export const calendar = createZoneCalendar()

/** A journal, and a way in which it can arrive. */
export interface Arrivals extends Journal {
  track: Track
  compiled: CompiledTrack
  /** The latest moment that anything says is there. */
  present: number
  rounds: Round[]
}

/** Entries that arrive together, and up to when the clock is passed on after them; null: no further. */
export interface Round {
  entries: Entry[]
  wake: number | null
}

/** Checks a property of random tracks and journals, on a share of all. */
export function checkJournals(features: Features, share: number, isKept: (arrivals: Arrivals) => void): void {
  const numRuns = Math.ceil((SEQUENCES * share) / PER_TRACK)
  const ways = fc.array(
    fc.record({ order: fc.infiniteStream(fc.nat(1_000)), sizes: fc.infiniteStream(fc.integer({ min: 1, max: 6 })) }),
    { minLength: PER_TRACK, maxLength: PER_TRACK },
  )
  let done = 0
  fc.assert(
    fc.property(journalsArbitrary(features, PER_TRACK), ways, ({ track, journals }, ways) => {
      const compiled = compile(track)
      for (const [index, journal] of journals.entries()) {
        const { entries, now, completedTracks } = journal
        const present = Math.max(now, ...Object.values(completedTracks), ...entries.map(({ receivedAt }) => receivedAt))
        const { order, sizes } = ways[index] ?? { order: [], sizes: [] }
        isKept({ ...journal, track, compiled, present, rounds: roundsOf(entries as Entry[], order, sizes, present) })
        done++
        if (process.env.ORACLE_RUNS !== undefined && done % 10_000 === 0) console.log(`${done} of ${numRuns * PER_TRACK}`)
      }
    }),
    { numRuns },
  )
}

/** All entries and a few of them again, shuffled, in rounds; after some of those the clock is passed on. */
function roundsOf(entries: Entry[], order: Iterable<number>, sizes: Iterable<number>, present: number): Round[] {
  const places = order[Symbol.iterator]()
  const next = () => places.next().value ?? 0
  const again = entries.filter(() => next() < 100)
  const shuffled = [...entries, ...again]
    .map((entry) => ({ entry, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry)
  const rounds: Round[] = []
  for (const size of sizes) {
    if (shuffled.length === 0) return rounds
    const taken = shuffled.splice(0, size)
    const first = Math.min(present, ...entries.map(({ occurredAt }) => occurredAt))
    const wake = next() < 200 ? Math.floor(first + ((present - first) * next()) / 1_000) : null
    rounds.push({ entries: taken, wake })
  }
  return rounds
}

/** The state of a subject to whom those rounds came, at the present. */
export function replayRounds(
  { compiled, completedTracks, present }: Arrivals,
  rounds: readonly Round[],
  checkpointEvery = 3,
): Replay {
  const replay = new Replay(compiled, checkpointEvery, true, calendar)
  replay.completeOthers(completedTracks)
  for (const { entries, wake } of rounds) {
    replay.arrive(...entries)
    if (wake !== null) replay.wake(wake)
  }
  replay.wake(present)
  return replay
}

export function compile(track: Track): CompiledTrack {
  const parsed = parseTrack({ format: 'waymark.track/1', ...track })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return compileTrack(parsed.track)
}
