/**
 * Cuts the evidence of a subject: what happened before a moment is about to be forgotten. Afterwards each track has a checkpoint with all
 * of it, from which every later rebuild starts; an entry that comes later still and belongs before the cut is not taken.
 */
import { advance } from './advance.ts'
import type { Calendar } from './calendar.ts'
import { type Checkpoint, type Outdated, toCheckpoint } from './checkpoint.ts'
import { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import { type FoldInput, foldSubject, type Need, type SubjectFold } from './fold.ts'
import { definitionOf } from './pinned.ts'
import { type History, placeHistory, stateAt } from './place.ts'
import { isOver, type TrackState } from './state.ts'

export interface CutInput
  extends Pick<
      FoldInput,
      | 'row'
      | 'hasHistory'
      | 'history'
      | 'checkpointEvery'
      | 'trackOf'
      | 'isPaused'
      | 'dependents'
      | 'subject'
      | 'now'
      | 'calendar'
    >,
    Partial<Pick<FoldInput, 'entries' | 'tracksOf'>> {
  /** By track: the moment before which nothing will be left. */
  readonly cuts: ReadonlyMap<CompiledTrack, number>
}

/** As after a fold: a track that the state did not know, or that another definition wrote, is computed first and can bring facts. */
export type SubjectCut = Omit<SubjectFold, 'outcomes'>

export function cutSubject(input: CutInput): SubjectCut {
  const { row, history, calendar } = input
  const before = new SubjectRow(row)
  const cuts = new Map([...input.cuts].map(([track, cutAt]) => [definitionOf(track, before), cutAt]))
  const folded = foldSubject({
    entries: [],
    tracksOf: () => [],
    ...input,
    refresh: [...cuts.keys()],
    trace: false,
  })
  const needs: Need[] = [...folded.needs]
  const checkpoints: Checkpoint[] = folded.checkpoints.filter(({ track, at }) => at >= (cuts.get(track) ?? 0))
  const outdated: Outdated[] = [...folded.outdated]
  const states = new SubjectRow(folded.row ?? row)
  let changed = folded.row !== null
  for (const [track, cutAt] of cuts) {
    if (folded.needs.some((need) => need.track === track)) continue
    const state = states.get(track)?.state
    if (state === undefined || state.cutAt >= cutAt || isBeyond(track, state)) continue
    // A state whose clock was passed on further than the cut says too much.
    const isBefore = state.lastAt < cutAt && state.clockAt < cutAt
    const start = isBefore ? state : stateBefore(track, state, cutAt, history?.(track), calendar)
    if (start === undefined) {
      needs.push({ track, before: cutAt })
      continue
    }
    outdated.push({ track, from: 0, before: cutAt })
    if (start.lastAt >= 0) checkpoints.push(toCheckpoint(track, start))
    state.cutAt = cutAt
    states.set(track, state)
    changed = true
  }
  return {
    needs,
    row: changed ? states.encode() : null,
    facts: folded.facts,
    outdated,
    checkpoints,
    runs: folded.runs,
    alarmBefore: folded.alarmBefore,
    alarm: folded.alarm,
  }
}

/** Of the past of a run that is over, nothing is looked at again. */
function isBeyond(track: CompiledTrack, state: TrackState): boolean {
  return isOver(track, state) && state.cutAt > state.lastAt
}

function stateBefore(
  track: CompiledTrack,
  { cutAt }: TrackState,
  moment: number,
  history: History | undefined,
  calendar: Calendar,
): TrackState | undefined {
  if (history === undefined) return undefined
  const state = stateAt(track, history, cutAt)
  const out = { derived: [] }
  for (const { entry, listener } of placeHistory(track, state, history.entries, [])) {
    if (entry.occurredAt >= moment) break
    advance(track, state, entry, listener, calendar, out)
  }
  return state
}
