import { branchKey, type CompiledTrack, type DerivedFact, STEP_STATES, streakOfState } from '@waymark/learning-journey/engine'
import type { Expected, ExpectedRun, Fact } from '../oracle/oracle.ts'
import { isoDate } from '../oracle/time.ts'
import type { Replay } from './replay.ts'

/** What the engine and the oracle derive, in one form, so that both can be compared. */

/** Runs of which the engine keeps how they ended. */
const KEPT = 21

/** What the oracle expects, as far as the engine keeps it. */
export function expectedRuns({ runs, counts, sums }: Expected) {
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
    counts: isOpen ? counts : null,
    sums: isOpen ? sums.map((sum) => sum ?? 0) : null,
  }
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
  const ungrouped = track.leaves.map((_, leaf) => leaf)
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
    counts: isOpen ? ungrouped.map((leaf) => state.tally.counts[leaf] ?? 0) : null,
    sums: isOpen ? ungrouped.map((leaf) => Number(state.tally.sums[leaf] ?? 0n)) : null,
  }
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
