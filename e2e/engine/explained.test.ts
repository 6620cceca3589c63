import {
  type Entry,
  type EntryOutcome,
  explainStep,
  horizonOf,
  isNext,
  outcomesAt,
  SubjectRow,
} from '@waymark/learning-journey/engine'
import { describe, expect, it } from 'vitest'
import { FULL } from '../oracle/arbitraries.ts'
import { type Arrivals, calendar, checkJournals, SEQUENCES } from './random-journals.ts'
import { Replay } from './replay.ts'

interface Answer {
  readonly entry: Entry
  readonly told: readonly string[]
  /** Whether the run was over before: the answer no longer knew what had been counted, and the explanation does. */
  readonly isOver: boolean
}

describe('what an entry that sorted last was answered', { timeout: 120_000 + SEQUENCES * 20 }, () => {
  it('is what its explanation says later, when nothing older came since', () => {
    let [told, resumed] = [0, 0]
    checkJournals(FULL, 0.1, (arrivals) => {
      const { replay, answers } = answersOf(arrivals)
      for (const { entry, told: before, isOver } of answers) {
        const { outcomes, isResumed } = explainedLater(arrivals, replay, entry)
        expect(outcomes.map((outcome) => toText(outcome, entry, isOver))).toEqual(before)
        told += before.length
        resumed += Number(isResumed)
      }
    })
    expect(told).toBeGreaterThan(SEQUENCES / 20)
    expect(resumed).toBeGreaterThan(SEQUENCES / 200)
  })
})

/** Entries in the order of their receipt, each after everything that was due by then; the answers of those that sorted last. */
function answersOf({ compiled, entries, completedTracks, present }: Arrivals) {
  const replay = new Replay(compiled, 3, true, calendar)
  replay.completeOthers(completedTracks)
  const others = Math.max(0, ...Object.values(completedTracks))
  let answers: Answer[] = []
  const known = new Set<string>()
  for (const entry of [...entries].sort((a, b) => a.receivedAt - b.receivedAt) as Entry[]) {
    const key = `${entry.source} ${entry.eventId}`
    if (known.has(key)) continue
    known.add(key)
    // What is older than an entry gives it another past.
    answers = answers.filter((answer) => answer.entry.occurredAt < entry.occurredAt)
    replay.wake(entry.receivedAt)
    const before = replay.state
    replay.arrive(entry)
    // What is due between the receipt and a time that lies ahead of it comes with the entry, and what is due before a late one without it.
    if (entry.receivedAt < entry.occurredAt || horizonOf(entry) < entry.receivedAt) continue
    const hasStanding = [before, replay.state].some((state) => state !== undefined && state.standing.length > 0)
    // A control entry can begin a run before what left no trace so far.
    if (entry.kind === 'control' && replay.journal.some((one) => one !== entry && one.occurredAt >= entry.occurredAt)) continue
    // Of an entry for another track, this one is not asked. Before the first that matters there is no state that could tell.
    if (entry.track !== null && entry.track !== compiled.key) continue
    if (before === undefined || hasStanding || entry.receivedAt < others || !isNext(compiled, before, entry)) continue
    const isOver = before.endedAt >= 0 && compiled.reentry === 'never'
    const own = replay.outcomes.filter(({ track }) => track === compiled)
    answers.push({ entry, isOver, told: own.map((outcome) => toText(outcome, entry, isOver)) })
  }
  replay.wake(present)
  return { replay, answers }
}

/** As the handler reads it: no more of the journal than from a checkpoint before the entry to its receipt. */
function explainedLater({ compiled }: Arrivals, replay: Replay, entry: Entry) {
  const { occurredAt } = entry
  const state = new SubjectRow(replay.row).get(compiled)?.state
  const surroundings = { cutAt: -1, gateAt: state?.gateAt ?? -1, calendar }
  if (state !== undefined && isNext(compiled, state, entry))
    return { outcomes: outcomesAt(compiled, [entry], { ...surroundings, from: state }), isResumed: false }
  const until = horizonOf(entry)
  const checkpoint = replay.checkpoints.filter(({ at }) => at < occurredAt).sort((a, b) => b.at - a.at)[0]
  const entries = replay.journal.filter((one) => one.occurredAt >= (checkpoint?.at ?? 0) && one.occurredAt <= until)
  const from = { checkpoint: checkpoint?.state ?? null, entries }
  return { outcomes: outcomesAt(compiled, [entry], { ...surroundings, from }), isResumed: checkpoint !== undefined }
}

function toText({ track, step, verdict, reason, state }: EntryOutcome, entry: Entry, isOver: boolean): string {
  const detail = isOver ? null : explainStep(track, state, step, { entry, calendar })
  return JSON.stringify([track.steps[step]?.key, verdict, reason, detail])
}
