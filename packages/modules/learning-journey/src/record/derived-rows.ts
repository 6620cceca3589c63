/** What the engine derived, and what it needs, as the store has it. */
import { type DerivedFact, type History, type Need, namesOf, type SubjectCut } from '../engine/index.ts'
import type {
  CheckpointRange,
  CheckpointRow,
  FactRow,
  HistoryRequest,
  History as StoredHistory,
  SubjectKey,
} from '../ports/index.ts'
import { toEntry } from './entry-row.ts'

/** Rewards count once over all runs, so the run is no part of their id. */
export function toFactRow(
  { tenant, subject }: SubjectKey,
  fact: DerivedFact,
  backfilled: boolean,
  hash: (text: string) => string,
): FactRow {
  const step = fact.step < 0 ? null : (fact.track.steps[fact.step]?.key ?? null)
  const run = fact.name === 'xp.granted' || fact.name === 'badge.granted' ? '*' : '0'
  return {
    tenant,
    subject,
    factId: hash([tenant, subject, fact.track.key, run, step ?? '', fact.name, '0'].join('\0')),
    name: `learning.onboarding.${fact.name}`,
    track: fact.track.key,
    run: 0,
    step,
    causeSource: fact.cause.source,
    causeId: fact.cause.eventId,
    occurredAt: fact.at,
    backfilled,
    data: JSON.stringify({
      trackId: fact.track.key,
      run: 0,
      ...(fact.name === 'enrolled' || fact.name === 'track.completed' ? {} : { stepId: step }),
      ...fact.data,
    }),
  }
}

/** The checkpoints of a subject that were made, and those that no longer hold. */
export function toCheckpointRows(
  { tenant, subject }: SubjectKey,
  { checkpoints, outdated }: Pick<SubjectCut, 'checkpoints' | 'outdated'>,
): { readonly checkpoints: readonly CheckpointRow[]; readonly outdated: readonly CheckpointRange[] } {
  const rows = new Map<string, CheckpointRow>()
  // Of several in one moment the last holds most.
  for (const { track, at, state } of checkpoints)
    rows.set(`${track.key}\0${at}`, { tenant, subject, track: track.key, at, behaviour: track.behaviour, state })
  return {
    checkpoints: [...rows.values()],
    outdated: outdated.map(({ track, from, before }) => ({ tenant, subject, track: track.key, from, before })),
  }
}

export function toHistoryRequest({ tenant, subject }: SubjectKey, { track, before }: Need): HistoryRequest {
  const request = { tenant, subject, names: namesOf(track) }
  return before === null ? request : { ...request, since: { track: track.key, behaviour: track.behaviour, before } }
}

/** What can still be read of a history. */
export function toHistory({ checkpoint, entries }: StoredHistory): History {
  return { checkpoint, entries: entries.filter(({ payload }) => payload !== null).map((row) => toEntry(row)) }
}
