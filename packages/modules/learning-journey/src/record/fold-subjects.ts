/** The fold of the subjects of one round: asks for their journals where it has to. */
import type { Calendar, CompiledTrack, FoldInput, History, Need } from '../engine/index.ts'
import type { HistoryRequest, Round, History as StoredHistory, SubjectKey } from '../ports/index.ts'
import type { Catalogue } from './catalogue.ts'
import { toHistory, toHistoryRequest } from './derived-rows.ts'

/** What every fold of a subject needs from around it. */
export interface Surroundings {
  readonly catalogue: Catalogue
  readonly calendar: Calendar
  /** Epoch milliseconds. */
  readonly now: number
}

/** The part of a fold's input that comes from the store and from the tracks that are served. */
export type Read = Pick<
  FoldInput,
  'row' | 'hasHistory' | 'trackOf' | 'isPaused' | 'dependents' | 'subject' | 'now' | 'calendar' | 'history'
>

/**
 * Folds each subject, and those that need their journals once more with them.
 * @param more further requests, answered in the same round trip if there is one.
 */
export async function foldSubjects<Fold extends { readonly needs: readonly Need[] }>(
  { catalogue, calendar, now }: Surroundings,
  round: Pick<Round, 'states' | 'history'>,
  subjects: readonly SubjectKey[],
  fold: (place: number, read: Read) => Fold,
  more: readonly HistoryRequest[] = [],
): Promise<{ readonly folds: readonly Fold[]; readonly more: readonly StoredHistory[] }> {
  const read = (place: number): Read => ({
    row: round.states[place]?.state ?? null,
    hasHistory: round.states[place]?.hasHistory ?? false,
    trackOf: catalogue.track,
    isPaused: (key) => catalogue.running(key) === undefined,
    dependents: catalogue.dependents,
    subject: subjects[place]?.subject ?? '',
    now,
    calendar,
  })
  const folds = subjects.map((_, place) => fold(place, read(place)))
  let wanted = folds.flatMap(({ needs }, place) => needs.map((need) => ({ place, need })))
  if (wanted.length === 0 && more.length === 0) return { folds, more: [] }
  const histories = new Map<string, History>()
  let rest: readonly StoredHistory[] = []
  // A track whose journal was read can complete, and so bring another one to want its own.
  for (let again = true; again; ) {
    const requests = wanted.map(({ place, need }) => toHistoryRequest(subjects[place] as SubjectKey, need))
    const found = await round.history([...requests, ...(rest.length === 0 ? more : [])])
    for (const [index, { place, need }] of wanted.entries())
      histories.set(keyOf(place, need.track), toHistory(found[index] ?? NO_HISTORY, subjects[place]?.subject ?? ''))
    if (rest.length === 0) rest = found.slice(wanted.length)
    const places = [...new Set(wanted.map(({ place }) => place))]
    for (const place of places)
      folds[place] = fold(place, { ...read(place), history: (track) => histories.get(keyOf(place, track)) })
    wanted = places.flatMap((place) => (folds[place] as Fold).needs.map((need) => ({ place, need })))
    again = wanted.length > 0
  }
  return { folds, more: rest }
}

const NO_HISTORY = { checkpoint: null, entries: [] }

/** Of one track two definitions can count for a subject in one round: the one that its run was pinned to, and the served one. */
function keyOf(place: number, { key, behaviour }: CompiledTrack): string {
  return `${place}\0${key}\0${behaviour}`
}
