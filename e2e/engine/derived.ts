import { branchKey, type CompiledTrack, type DerivedFact, STEP_STATES, streakOfState } from '@waymark/learning-journey/engine'
import type { Expected, ExpectedRun, Fact } from '../oracle/oracle.ts'
import { nameOf } from '../oracle/shown.ts'
import { isoDate } from '../oracle/time.ts'
import { type Condition, conditionsOf, partsOf, type Track } from '../oracle/track.ts'
import type { Replay } from './replay.ts'

/** What the engine and the oracle derive, in one form, so that both can be compared. */

/** Runs of which the engine keeps how they ended. */
const KEPT = 21

/** What the oracle expects, as far as the engine keeps it. */
export function expectedRuns(track: Track, { runs, counts, sums }: Expected) {
  const isGrouped = track.steps.flatMap(conditionsOf).flatMap((root) => groupedLeaves(root, false))
  const ungrouped = <T>(values: T[]) => values.filter((_, leaf) => !isGrouped[leaf])
  const isOpen = runs.at(-1)?.endedAt === null
  return {
    past: runs.slice(-KEPT, -1).map(({ startedAt, completedAt, endedAt, outcome, steps }) => ({
      startedAt,
      completedAt,
      endedAt,
      outcome,
      steps: settlings(steps),
    })),
    newest: runs.slice(-1).map(({ number, startedAt, completedAt, endedAt, outcome, steps, opened, chosen, streak }) => ({
      number,
      startedAt,
      completedAt,
      endedAt,
      outcome,
      steps: settlings(steps),
      opened,
      chosen,
      streak: streak && { length: streak.length, best: streak.best, freezes: streak.freezes },
    })),
    counts: isOpen ? ungrouped(counts) : null,
    sums: isOpen ? ungrouped(sums).map((sum) => sum ?? 0) : null,
  }
}

/** By leaf: whether it stands below `correlate`, where it counts for each group. */
function groupedLeaves(condition: Condition, above: boolean): boolean[] {
  const isGrouped = above || ('correlate' in condition && condition.correlate !== undefined)
  if ('event' in condition) return [isGrouped]
  return partsOf(condition).flatMap((part) => groupedLeaves(part, isGrouped))
}

function settlings(steps: ExpectedRun['steps']) {
  return Object.values(steps).map(({ how, at }) => ({ how, at }))
}

export function derivedRuns(track: CompiledTrack, { state }: Replay): ReturnType<typeof expectedRuns> {
  if (state === undefined) return { past: [], newest: [], counts: null, sums: null }
  const time = (at: number) => (at < 0 ? null : at)
  const outcome = (name: typeof state.outcome) => (name === 'open' ? null : name)
  const settled = (how: readonly number[], settledAt: readonly number[]) =>
    how.map((state, step) => ({ how: STEP_STATES[state] ?? 'open', at: time(settledAt[step] ?? -1) }))
  const streak = streakOfState(track, state)
  const isOpen = state.run >= 0 && state.endedAt < 0
  const ungrouped = track.leaves.flatMap(({ group, slot }) => (group < 0 ? [slot] : []))
  return {
    past: state.past.map((run) => ({
      startedAt: run.startedAt,
      completedAt: time(run.completedAt),
      endedAt: time(run.endedAt),
      outcome: outcome(run.outcome),
      steps: settled(run.how, run.settledAt),
    })),
    newest:
      state.run < 0
        ? []
        : [
            {
              number: state.run,
              startedAt: state.startedAt,
              completedAt: time(state.completedAt),
              endedAt: time(state.endedAt),
              outcome: outcome(state.outcome),
              steps: settled(state.how, state.settledAt),
              opened: track.steps.filter(({ index }) => (state.openedAt[index] ?? -1) >= 0).map(({ key }) => key),
              chosen: Object.fromEntries(
                track.steps.flatMap((step) => {
                  const choice = state.chosen[step.index] ?? -1
                  return choice < 0 ? [] : [[step.key, branchKey(step, choice)]]
                }),
              ),
              streak: streak && { length: streak.length, best: streak.best, freezes: streak.freezes },
            },
          ],
    counts: isOpen ? ungrouped.map((slot) => state.tally.counts[slot] ?? 0) : null,
    sums: isOpen ? ungrouped.map((slot) => Number(state.tally.sums[slot] ?? 0n)) : null,
  }
}

/** Names a fact as the oracle does. */
export function factName(track: Track, fact: Omit<Fact, 'ordinal'>): string {
  return nameOf(track, { ...fact, ordinal: 0 })
}

/** A fact of the engine, as the oracle says it. */
export function toFact(track: CompiledTrack, { run, step, name, at, cause, data }: DerivedFact): Omit<Fact, 'ordinal'> {
  const { day, ...rest } = data
  return {
    run,
    step: track.steps[step]?.key ?? '',
    name,
    at,
    cause: { source: cause.source, eventId: cause.eventId },
    data: JSON.parse(JSON.stringify({ ...rest, ...(day === undefined ? {} : { day: isoDate(day) }) })),
  }
}
