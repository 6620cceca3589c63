import type { Entry } from '@waymark/learning-journey/engine'
import { describe, expect, it } from 'vitest'
import { FULL, PLAIN } from '../oracle/arbitraries.ts'
import { expectedOf } from '../oracle/oracle.ts'
import { shownAfter } from '../oracle/shown.ts'
import { derivedRuns, expectedRuns, factName, toFact } from './derived.ts'
import { type Arrivals, checkJournals, replayRounds, SEQUENCES } from './random-journals.ts'
import type { Replay } from './replay.ts'

/** Far more than any run needs on a machine that is busy with others. */
const PATIENCE = 120_000 + SEQUENCES * 20

describe('the fold and the naive oracle', { timeout: PATIENCE }, () => {
  it.for([
    ['tracks that only count', PLAIN, 0.1],
    ['all tracks', FULL, 0.5],
  ] as const)(
    'derive the same runs, counts and facts, with the same causes, from a journal that comes at once: %s',
    ([, features, share]) => {
      checkJournals(features, share, (arrivals) => {
        const { track, compiled, entries, completedTracks, present } = arrivals
        const expected = expectedOf(track, entries, { now: present, completedTracks })
        const replay = replayRounds(arrivals, [{ entries: entries as Entry[], wake: null }])
        expect(derivedRuns(compiled, replay)).toEqual(expectedRuns(track, expected))
        const facts = replay.announced.map((fact) => toFact(compiled, fact))
        expect(facts.map(line).sort()).toEqual(expected.facts.map(line).sort())
      })
    },
  )

  it('derive the same runs and counts, whatever the order, the repeats, the rounds, the moments of waking and the checkpoints', () => {
    let [resumed, inserted, done] = [0, 0, 0]
    checkJournals(FULL, 0.35, (arrivals) => {
      const { track, compiled, entries, completedTracks, present, rounds } = arrivals
      const expected = expectedOf(track, entries, { now: present, completedTracks })
      const replay = replayRounds(arrivals, rounds, 3)
      expect(derivedRuns(compiled, replay)).toEqual(expectedRuns(track, expected))
      resumed += replay.resumed
      inserted += replay.inserted
      done++
    })
    expect(resumed).toBeGreaterThan(done / 100)
    expect(inserted).toBeGreaterThan(done / 500)
  })

  it.for([
    ['tracks that only count', PLAIN, 0.02],
    ['all tracks', FULL, 0.03],
  ] as const)(
    'announce the same facts, each once, and stand on the same completions, entry by entry: %s',
    ([, features, share]) => {
      checkJournals(features, share, (arrivals) => {
        const { track, compiled, completedTracks } = arrivals
        if (hasLateRevocation(arrivals)) return
        // Of several runs the state remembers how each was settled, and not all that was announced while it was the newest.
        if (track.reentry?.mode !== 'never' && track.reentry !== undefined) return
        if (arrivals.entries.some(({ name }) => name === 'waymark.reset')) return
        const replay = oneByOne(arrivals)
        const shown = shownAfter(track, roundsOneByOne(arrivals), { completedTracks })
        expect(replay.announced.map((fact) => factName(track, toFact(compiled, fact))).sort()).toEqual(
          shown.facts.map(bare).sort(),
        )
        const standing = (replay.state?.standing ?? []).map(({ step }) => compiled.steps[step]?.key ?? '')
        // The engine keeps what stands of the newest run, and of announced runs that are there no more.
        const newest = replay.state?.run ?? 0
        const expected = new Set(shown.standing.filter(({ run }) => run >= newest).map(({ step }) => step))
        expect(standing.sort()).toEqual([...expected].sort())
        expect(replay.xp).toBe(shown.xp)
      })
    },
  )
})

function line({ run, step, name, at, cause, data }: ReturnType<typeof toFact>): string {
  return JSON.stringify([at, run, step, name, cause.source, cause.eventId, Object.entries(data).sort()])
}

/** Without the number that tells a fact from the one before its correction, which the engine writes in its own way. */
function bare(name: string): string {
  return name.replace(/\+\d+/, '')
}

/** What is announced around a revocation that a late event overtakes is not compared: it took back another completion than the one there is now. */
function hasLateRevocation({ entries }: Arrivals): boolean {
  return entries.some((entry, index) =>
    entries
      .slice(0, index)
      .some((earlier) => earlier.occurredAt >= entry.occurredAt && (earlier.name === REVOKED || entry.name === REVOKED)),
  )
}

const REVOKED = 'waymark.revoked'

/** Alarms ring at once, whether an entry concerns the track or not. */
function oneByOne(arrivals: Arrivals): Replay {
  return replayRounds(
    arrivals,
    roundsOneByOne(arrivals).map(({ entries, now }) => ({ entries: entries as Entry[], wake: now })),
    2,
  )
}

function roundsOneByOne({ entries, completedTracks, present }: Arrivals) {
  let now = Math.max(0, ...Object.values(completedTracks))
  const rounds = entries.map((entry) => {
    now = Math.max(now, entry.receivedAt)
    return { entries: [entry], now }
  })
  return [...rounds, { entries: [], now: present }]
}
