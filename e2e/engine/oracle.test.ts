import {
  type CompiledTrack,
  compileTrack,
  decodeTrack,
  type Entry,
  foldSubject,
  type TrackModel,
  utcCalendar,
} from '@waymark/learning-journey/engine'
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
    let resumed = 0
    fc.assert(
      fc.property(situations, ({ track, entries, shuffled, cuts }) => {
        const expected = expectedOf(track, entries)
        const compiled = compile(track)
        for (const arrivals of [entries, shuffled]) {
          const inRounds = new Replay(compiled, 3)
          let start = 0
          for (const size of cuts) {
            inRounds.arrive(...(arrivals.slice(start, start + size) as Entry[]))
            start += size
          }
          inRounds.arrive(...(arrivals.slice(start) as Entry[]))
          resumed += inRounds.resumed
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
    expect(resumed).toBeGreaterThan(numRuns / 100)
  })

  it('show the same completions, stand on the same ones and announce the same facts, each once, entry by entry', () => {
    fc.assert(
      fc.property(situations, ({ track, entries }) => {
        const compiled = compile(track)
        const replay = new Replay(compiled, 2)
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

  it('write the same bytes for every order of arrival, where nothing stands; a good part of the older entries takes no rebuild', () => {
    let older = 0
    let inserted = 0
    fc.assert(
      fc.property(situations, ({ track, entries, shuffled }) => {
        const compiled = compile(track)
        // Without verdicts more is certain, so more of them take no rebuild.
        const replays = [entries, shuffled].flatMap((arrivals) =>
          [true, false].map((trace) => {
            const replay = new Replay(compiled, 3, trace)
            for (const entry of arrivals) replay.arrive(entry as Entry)
            older += replay.rebuilds + replay.inserted
            inserted += replay.inserted
            return replay
          }),
        )
        const [first, ...others] = replays.filter(({ state }) => state === undefined || state.standing.length === 0)
        for (const other of others) expect(other.row).toEqual(first?.row)
      }),
      { numRuns },
    )
    expect(inserted / older).toBeGreaterThan(0.25)
  })

  it('keep checkpoints that are each the fold of the entries up to their own', () => {
    let kept = 0
    fc.assert(
      fc.property(situations, ({ track, shuffled, cuts }) => {
        const compiled = compile(track)
        const replay = new Replay(compiled, 2)
        let start = 0
        for (const size of cuts) {
          replay.arrive(...(shuffled.slice(start, start + size) as Entry[]))
          start += size
        }
        for (const checkpoint of replay.checkpoints) {
          const last = decodeTrack(compiled, checkpoint.state)
          const ordered = orderedEntries(track, shuffled) as Entry[]
          const place = ordered.findIndex(({ source, eventId }) => source === last.lastSource && eventId === last.lastId)
          const prefix = new Replay(compiled)
          prefix.arrive(...ordered.slice(0, place + 1))
          expect(place).toBeGreaterThanOrEqual(0)
          expect(prefix.state).toEqual(last)
          kept++
        }
      }),
      { numRuns },
    )
    expect(kept).toBeGreaterThan(numRuns)
  })

  it('give the verdict of a rebuild to an older entry that takes none', () => {
    let inserted = 0
    fc.assert(
      fc.property(situations, ({ track, shuffled }) => {
        const compiled = compile(track)
        // The same definition under another name of its behaviour: every state looks as if an earlier version had written it.
        const keys = compiled.steps.map(({ key }) => key)
        const rebuilding = { ...compiled, behaviour: compiled.behaviour + 1, known: new Map([[compiled.behaviour, keys]]) }
        const replay = new Replay(compiled)
        for (const entry of shuffled as Entry[]) {
          const { row, journal, inserted: before } = replay
          replay.arrive(entry)
          if (replay.inserted === before) continue
          inserted++
          const input = {
            row,
            hasHistory: true,
            entries: [entry],
            trace: true,
            trackOf: () => undefined,
            now: entry.receivedAt,
            calendar: utcCalendar,
          }
          const fast = foldSubject({ ...input, tracksOf: () => [compiled] })
          const history = { checkpoint: null, entries: [...journal, entry] }
          const slow = foldSubject({ ...input, tracksOf: () => [rebuilding], history: () => history })
          const verdict = ({ step, verdict, reason }: (typeof fast.outcomes)[number]) => ({ step, verdict, reason })
          expect(fast.outcomes.map(verdict)).toEqual(slow.outcomes.map(verdict))
          expect(fast.facts).toEqual([])
          expect(slow.facts).toEqual([])
        }
      }),
      { numRuns },
    )
    expect(inserted).toBeGreaterThan(numRuns / 2)
  })

  it('give the same state with and without a cut of the evidence, however late an entry comes', () => {
    let cut = 0
    fc.assert(
      fc.property(situations, fc.integer({ min: 0, max: 25 }), ({ track, entries }, count) => {
        const compiled = compile(track)
        const ordered = orderedEntries(track, entries) as Entry[]
        const moment = ordered[Math.min(count, ordered.length - 1)]?.occurredAt ?? 0
        const before = entries.filter(({ occurredAt }) => occurredAt < moment) as Entry[]
        const after = entries.filter(({ occurredAt }) => occurredAt >= moment) as Entry[]
        const [whole, forgetful] = [new Replay(compiled, 3), new Replay(compiled, 3)]
        for (const replay of [whole, forgetful]) {
          for (const entry of [...before, ...after.slice(0, after.length >> 1)]) replay.arrive(entry)
          if (replay === forgetful) replay.cut(moment)
          for (const entry of after.slice(after.length >> 1)) replay.arrive(entry)
        }
        if (forgetful.state !== undefined && forgetful.state.cutAt >= 0 && before.length > 0) cut++
        expect(forgetful.state && { ...forgetful.state, cutAt: -1 }).toEqual(whole.state)
        expect(forgetful.facts).toEqual(whole.facts)
        // What belongs before the cut and comes only now is not taken, whatever comes after it.
        const { row, state } = forgetful
        const [last] = ordered.filter(({ occurredAt }) => occurredAt < moment)
        if (last === undefined || state === undefined || state.cutAt < 0) return
        forgetful.arrive({ ...last, eventId: 'expired', channel: 'import' })
        expect(forgetful.row).toEqual(row)
      }),
      { numRuns },
    )
    expect(cut).toBeGreaterThan(numRuns / 5)
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
    steps: Object.fromEntries(track.steps.map(({ key, index }) => [key, time(state?.settledAt[index])])),
    counts: time(state?.completedAt) === null ? (state?.tally.counts ?? track.leaves.map(() => 0)) : undefined,
  }
}
