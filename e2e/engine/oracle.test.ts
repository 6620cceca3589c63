import { type CompiledTrack, compileTrack, type Entry, type TrackModel } from '@waymark/learning-journey/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTrack } from '../../packages/modules/learning-journey/src/track/definition.ts'
import { entriesArbitrary, trackArbitrary } from '../oracle/arbitraries.ts'
import { expectedOf, type Entry as OracleEntry, type Track as OracleTrack, orderedEntries, shownAfter } from '../oracle/oracle.ts'
import { Replay } from './replay.ts'

/** How many random cases a property runs; `ORACLE_RUNS` raises it. fast-check prints the seed of a failure. */
const numRuns = Number(process.env.ORACLE_RUNS ?? 2_000)

const situations = trackArbitrary().chain((track) =>
  entriesArbitrary(track).chain((entries) =>
    fc.record({
      track: fc.constant(track),
      entries: fc.constant(entries),
      /** Another order of the same entries, with repeats. */
      shuffled: fc
        .tuple(fc.shuffledSubarray(entries, { minLength: entries.length }), fc.array(fc.nat(), { maxLength: 5 }))
        .map(([all, again]) => firstBodies([...all, ...again.flatMap((at) => all[at % Math.max(all.length, 1)] ?? [])])),
      cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 30, maxLength: 30 }),
    }),
  ),
)
describe('the fold and the naive oracle', () => {
  it('give the same derived state for every journal, whatever the order, the repeats and the size of the rounds', () => {
    fc.assert(
      fc.property(situations, ({ track, entries, shuffled, cuts }) => {
        const expected = expectedOf(track, entries)
        const compiled = compile(track)
        for (const arrivals of [entries, shuffled]) {
          const inRounds = new Replay(compiled)
          let start = 0
          for (const size of cuts) {
            inRounds.arrive(...(arrivals.slice(start, start + size) as Entry[]))
            start += size
          }
          inRounds.arrive(...(arrivals.slice(start) as Entry[]))
          expect(derivedOf(compiled, inRounds)).toEqual({
            startedAt: expected.startedAt,
            completedAt: expected.completedAt,
            steps: Object.fromEntries(Object.entries(expected.steps).map(([key, step]) => [key, step?.completedAt ?? null])),
            counts: expected.completedAt === null ? expected.counts : undefined,
          })
        }
      }),
      { numRuns },
    )
  })

  it('show the same completions, stand on the same ones and announce the same facts, each once, entry by entry', () => {
    fc.assert(
      fc.property(situations, ({ track, entries }) => {
        const compiled = compile(track)
        const replay = new Replay(compiled)
        for (const entry of entries) replay.arrive(entry as Entry)
        const shown = shownAfter(track, entries)
        const standing = (replay.state?.standing ?? [])
          .filter(({ step }) => step >= 0)
          .map(({ step }) => compiled.steps[step]?.key)
        expect(standing.sort()).toEqual([...shown.standing].sort())
        expect([...replay.facts.keys()].sort()).toEqual([...shown.facts].sort())
        expect([...replay.facts.values()].every((count) => count === 1)).toBe(true)
        expect(replay.xp).toBe(shown.xp)
      }),
      { numRuns },
    )
  })

  it('name the same cause for every completion, when the entries come in order', () => {
    fc.assert(
      fc.property(situations, ({ track, entries }) => {
        const replay = new Replay(compile(track))
        for (const entry of orderedEntries(track, entries)) replay.arrive(entry as Entry)
        const expected = Object.entries(expectedOf(track, entries).steps).flatMap(([key, step]) =>
          step === null ? [] : [[key, step.cause] as const],
        )
        expect(replay.rebuilds).toBe(0)
        expect(Object.fromEntries(replay.causes)).toEqual(Object.fromEntries(expected))
      }),
      { numRuns },
    )
  })

  it('write the same bytes for every order of arrival, where nothing stands', () => {
    fc.assert(
      fc.property(situations, ({ track, entries, shuffled }) => {
        const compiled = compile(track)
        const [one, other] = [entries, shuffled].map((arrivals) => {
          const replay = new Replay(compiled)
          for (const entry of arrivals) replay.arrive(entry as Entry)
          return replay
        }) as [Replay, Replay]
        fc.pre((one.state?.standing.length ?? 0) === 0 && (other.state?.standing.length ?? 0) === 0)
        expect(one.row).toEqual(other.row)
      }),
      { numRuns },
    )
  })
})

function compile(track: OracleTrack): CompiledTrack {
  const parsed = parseTrack({ format: 'waymark.track/1', ...track })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return compileTrack(parsed.track satisfies TrackModel)
}

/** The oracle lets the first arrival of a key stand; here every arrival of a key has the same body, so that orders can be compared. */
function firstBodies(entries: OracleEntry[]): OracleEntry[] {
  const bodies = new Map<string, OracleEntry>()
  return entries.map((entry) => {
    const key = `${entry.source}\0${entry.eventId}`
    const first = bodies.get(key)
    if (first === undefined) bodies.set(key, entry)
    return first ?? entry
  })
}

function derivedOf(track: CompiledTrack, { state }: Replay) {
  const time = (at: number | undefined) => (at === undefined || at < 0 ? null : at)
  return {
    startedAt: time(state?.startedAt),
    completedAt: time(state?.completedAt),
    steps: Object.fromEntries(track.steps.map(({ key, index }) => [key, time(state?.doneAt[index])])),
    counts: time(state?.completedAt) === null ? (state?.counts ?? track.leaves.map(() => 0)) : undefined,
  }
}
