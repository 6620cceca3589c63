import type { Entry } from '@waymark/learning-journey/engine'
import { describe, expect, it } from 'vitest'
import { expectedOf } from '../oracle/oracle.ts'
import { shownAfter } from '../oracle/shown.ts'
import type { Step, Track } from '../oracle/track.ts'
import { derivedRuns, expectedRuns, factName, toFact } from './derived.ts'
import { calendar, compile } from './random-journals.ts'
import { Replay } from './replay.ts'

/** The smallest journals of which random ones told that the engine and the oracle differ. */
const T = Date.parse('2026-06-10T00:00:00Z')
const HOUR = 3_600_000

const trackOf = (steps: Step[], more: Partial<Track> = {}): Track => ({ key: 'trk', version: '1.0.0', steps, ...more })
let ids = 0
const at = (hours: number, name: string, payload: object = {}): Entry => {
  const occurredAt = T + hours * HOUR
  const common = { eventId: `${ids++}`, name, version: '1.0.0', channel: 'rest', track: null, occurredAt, receivedAt: occurredAt }
  if (!name.startsWith('waymark.')) return { kind: 'event', source: 'app', payload, ...common }
  return { kind: 'control', source: 'waymark', payload: { trackId: 'trk', ...payload }, ...common }
}

const cases: { [name: string]: { track: Track; entries: Entry[]; announced?: boolean } } = {
  'a trait that is not there, from the start': {
    track: trackOf([
      { key: 's0', complete: { trait: '/plan', is: { exists: false } } },
      { key: 's1', complete: { event: 'a' } },
    ]),
    entries: [at(0, 'a')],
  },
  'a completion revoked and reached again, all in one round, is rewarded again': {
    track: trackOf([
      { key: 's0', complete: { event: 'a' }, reward: { xp: 5, badge: 'first' } },
      { key: 's1', complete: { event: 'z' } },
    ]),
    entries: [at(0, 'a'), at(1, 'waymark.revoked', { stepId: 's0' }), at(2, 'a')],
  },
  'an ever leaf below correlate keeps its groups in the next run': {
    track: trackOf([
      { key: 's0', complete: { event: 'a', lookback: 'ever', correlate: '/deal' } },
      { key: 's1', complete: { event: 'z' } },
    ]),
    entries: [at(0, 'a', { deal: 1 }), at(1, 'waymark.reset')],
  },
  'a reset that comes late, before an event that a finished run did not take': {
    track: trackOf([{ key: 's0', complete: { event: 'a' } }]),
    entries: [at(30, 'a'), at(0, 'a'), at(24, 'waymark.reset')],
  },
  'a checkpoint from before a run that ended and was reset': {
    track: trackOf([
      { key: 's0', complete: { event: 'd' } },
      { key: 's1', complete: { event: 'b' } },
    ]),
    entries: [
      at(24.5, 'waymark.reset'),
      at(48, 'd'),
      at(0, 'd'),
      at(0, 'd'),
      at(24, 'd'),
      at(0.1, 'waymark.exited'),
      at(24.5, 'd'),
    ],
  },
  'an older event that no leaf takes moves the start to before a waiver': {
    track: trackOf([{ key: 's0', complete: { sequence: [{ event: 'a', atLeast: 2 }, { event: 'c' }] } }]),
    entries: [at(0.5, 'waymark.waived', { stepId: 's0' }), at(24, 'a'), at(0, 'c')],
  },
  'a zone that comes late moves the date that was credited': {
    track: trackOf([{ key: 's0', complete: { event: 'z' } }], {
      enrol: { mode: 'onEvent', event: 'a' },
      streak: { on: { event: 'b' }, period: 'day' },
    }),
    entries: [at(0, 'a'), at(1, 'b'), at(0, 'waymark.identified', { traits: { timezone: 'America/St_Johns' } })],
    announced: true,
  },
  'another branch of a run before the newest one is announced': {
    track: trackOf(
      [
        { key: 's0', complete: { event: 'b', consume: 'exclusive' } },
        {
          key: 's1',
          complete: { trait: '/plan', is: 'pro' },
          branches: [{ key: 'x', when: { event: 'b', consume: 'exclusive' } }],
          default: 'y',
        },
      ],
      { reentry: { mode: 'afterDuration', wait: 'PT1H' } },
    ),
    entries: [at(24, 'waymark.waived', { stepId: 's1' }), at(48, 'b'), at(0, 'b'), at(0, 'b')],
    announced: true,
  },
  'what is shown as completed is not announced as missed': {
    track: trackOf([
      { key: 's0', complete: { sequence: [{ event: 'b' }, { event: 'a', consume: 'exclusive' }] } },
      { key: 's1', due: { after: 'PT1H' }, complete: { event: 'a', consume: 'exclusive' } },
    ]),
    entries: [at(1, 'a'), { ...at(0.5, 'b'), receivedAt: T + 9 * HOUR }],
    announced: true,
  },
}

describe('the engine and the oracle', () => {
  for (const [name, { track, entries, announced }] of Object.entries(cases)) {
    it(name, () => {
      const compiled = compile(track)
      const now = T + 90 * 24 * HOUR
      const expected = expectedOf(track, entries, { now })
      const line = (fact: ReturnType<typeof toFact>) =>
        JSON.stringify([fact.at, fact.run, fact.step, fact.name, Object.entries(fact.data).sort()])

      const atOnce = new Replay(compiled, 3, true, calendar)
      atOnce.arrive(...entries)
      atOnce.wake(now)
      expect(derivedRuns(compiled, atOnce)).toEqual(expectedRuns(track, expected))
      expect(atOnce.announced.map((fact) => line(toFact(compiled, fact))).sort()).toEqual(expected.facts.map(line).sort())

      const oneByOne = new Replay(compiled, 3, true, calendar)
      for (const entry of entries) oneByOne.arrive(entry)
      oneByOne.wake(now)
      expect(derivedRuns(compiled, oneByOne)).toEqual(expectedRuns(track, expected))
      if (!announced) return
      const rounds = entries.map((entry) => ({
        entries: [entry],
        now: Math.max(...entries.slice(0, entries.indexOf(entry) + 1).map(({ receivedAt }) => receivedAt)),
      }))
      const shown = shownAfter(track, [...rounds, { entries: [], now }])
      const names = oneByOne.announced.map((fact) => factName(track, toFact(compiled, fact)))
      expect(names.sort()).toEqual(shown.facts.map((fact) => fact.replace(/\+\d+/, '')).sort())
    })
  }
})
