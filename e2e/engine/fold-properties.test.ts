import { decodeTrack, type Entry, foldSubject } from '@waymark/learning-journey/engine'
import { describe, expect, it } from 'vitest'
import { FULL, PLAIN } from '../oracle/arbitraries.ts'
import { orderedEntries } from '../oracle/journal.ts'
import { calendar, checkJournals, replayRounds, SEQUENCES } from './random-journals.ts'
import { Replay } from './replay.ts'

const PATIENCE = 120_000 + SEQUENCES * 20
/** Of all journals, for each of these properties. */
const SHARE = 0.01

describe('the fold', { timeout: PATIENCE }, () => {
  it.for([
    // Where tracks only count, a good part of the older entries takes no rebuild.
    ['tracks that only count', PLAIN, 0.25],
    ['all tracks', FULL, 0],
  ] as const)('writes the same bytes for every order of arrival, where nothing stands: %s', ([, features, share]) => {
    let [older, inserted] = [0, 0]
    checkJournals(features, SHARE, ({ compiled, entries, completedTracks, present, rounds }) => {
      const others = rounds.flatMap(({ entries }) => entries)
      // Without verdicts more is certain, so more of them take no rebuild.
      const replays = [entries as Entry[], others].flatMap((arrivals) =>
        [true, false].map((trace) => {
          const replay = new Replay(compiled, 3, trace, calendar)
          replay.completeOthers(completedTracks)
          for (const entry of arrivals) replay.arrive(entry)
          replay.wake(present)
          older += replay.rebuilds + replay.inserted
          inserted += replay.inserted
          return replay
        }),
      )
      const same = replays.filter(
        ({ state }) => state === undefined || (state.standing.length === 0 && !state.corrections.some(Boolean)),
      )
      for (const { row } of same) expect(row).toEqual(same[0]?.row)
    })
    expect(inserted / older).toBeGreaterThan(share)
  })

  it('keeps checkpoints that are each the fold of the entries up to their own', () => {
    let [kept, done] = [0, 0]
    checkJournals(PLAIN, SHARE, (arrivals) => {
      const { track, compiled, entries, completedTracks, rounds } = arrivals
      const ordered = orderedEntries(track, entries) as Entry[]
      for (const checkpoint of replayRounds(arrivals, rounds, 2).checkpoints) {
        const last = decodeTrack(compiled, checkpoint.state)
        const place = ordered.findIndex(({ source, eventId }) => source === last.lastSource && eventId === last.lastId)
        const prefix = new Replay(compiled, 1_000, true, calendar)
        prefix.completeOthers(completedTracks)
        prefix.arrive(...ordered.slice(0, place + 1))
        expect(place).toBeGreaterThanOrEqual(0)
        expect(prefix.state).toEqual(last)
        kept++
      }
      done++
    })
    expect(kept).toBeGreaterThan(done)
  })

  it('gives the verdict of a rebuild to an older entry that takes none', () => {
    let [inserted, done] = [0, 0]
    checkJournals(PLAIN, SHARE, ({ compiled, completedTracks, rounds }) => {
      // The same definition under another name of its behaviour: every state looks as if an earlier version had written it.
      const keys = compiled.steps.map(({ key }) => key)
      const rebuilding = { ...compiled, behaviour: compiled.behaviour + 1, known: new Map([[compiled.behaviour, keys]]) }
      const replay = new Replay(compiled, 1_000, true, calendar)
      replay.completeOthers(completedTracks)
      for (const entry of rounds.flatMap(({ entries }) => entries)) {
        const { row, journal, inserted: before } = replay
        replay.arrive(entry)
        if (replay.inserted === before) continue
        inserted++
        const common = {
          row,
          hasHistory: true,
          entries: [entry],
          trace: true,
          trackOf: () => undefined,
          now: replay.now,
          calendar,
        }
        const fast = foldSubject({ ...common, tracksOf: () => [compiled] })
        const history = { checkpoint: null, entries: [...journal, entry] }
        const slow = foldSubject({ ...common, tracksOf: () => [rebuilding], history: () => history })
        const verdict = ({ step, verdict, reason }: (typeof fast.outcomes)[number]) => ({ step, verdict, reason })
        expect(fast.outcomes.map(verdict)).toEqual(slow.outcomes.map(verdict))
        expect(fast.facts).toEqual([])
        expect(slow.facts).toEqual([])
      }
      done++
    })
    expect(inserted).toBeGreaterThan(done / 20)
  })

  it('gives the same state with and without a cut of the evidence, however late an entry comes', () => {
    let [cut, done] = [0, 0]
    checkJournals(PLAIN, SHARE, ({ track, compiled, entries, completedTracks, present, rounds }) => {
      const ordered = orderedEntries(track, entries) as Entry[]
      const moment = ordered[(rounds[0]?.entries.length ?? 0) * 2]?.occurredAt ?? 0
      const isBefore = ({ kind, occurredAt }: Entry) => kind === 'event' && occurredAt < moment
      const before = (entries as Entry[]).filter(isBefore)
      const after = (entries as Entry[]).filter((entry) => !isBefore(entry))
      const [whole, forgetful] = [new Replay(compiled, 3, true, calendar), new Replay(compiled, 3, true, calendar)]
      for (const replay of [whole, forgetful]) {
        replay.completeOthers(completedTracks)
        for (const entry of [...before, ...after.filter(({ occurredAt }) => occurredAt < moment)]) replay.arrive(entry)
        const later = after.filter(({ occurredAt }) => occurredAt >= moment)
        for (const entry of later.slice(0, later.length >> 1)) replay.arrive(entry)
        if (replay === forgetful) replay.cut(moment)
        for (const entry of later.slice(later.length >> 1)) replay.arrive(entry)
        replay.wake(present)
      }
      done++
      if (forgetful.state !== undefined && forgetful.state.cutAt >= 0 && before.length > 0) cut++
      expect(forgetful.state && { ...forgetful.state, cutAt: -1 }).toEqual(whole.state)
      expect(forgetful.facts).toEqual(whole.facts)
      // What belongs before the cut and comes only now is not taken, whatever comes after it.
      const { row, state } = forgetful
      const last = before[0]
      if (last === undefined || state === undefined || state.cutAt < 0) return
      forgetful.arrive({ ...last, eventId: 'expired', channel: 'import' })
      expect(forgetful.row).toEqual(row)
    })
    expect(cut).toBeGreaterThan(done / 10)
  })
})
