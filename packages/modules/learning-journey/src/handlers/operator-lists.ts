import type { Handler, Issue } from '@waymark/contract'
import type {
  ListEnrolmentsContract,
  ListEventsContract,
  ListFactsContract,
  ListLearnersContract,
} from '../contracts/operators.ts'
import type { EnrolmentRow, EntryRow, StoredFact } from '../ports/index.ts'
import { accountSubject, idsOf, learnerOf, learnerSubject } from '../record/entry-row.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { BAD_CURSOR, parseCursor, toCursor } from './cursor.ts'
import { type Journey, toMoment, toMomentOrNull } from './journey.ts'

/** `learning.onboarding.listEvents`: newest first. */
export function listEvents({ store }: Journey): Handler<typeof ListEventsContract> {
  return async ({ input, principal, fail }) => {
    const { limit, eventName, sourceModule, kind } = input
    const after = cursorOf(input.cursor, ['number', 'string', 'string', 'string'], fail.VALIDATION_FAILED)
    const rows = await store.listEvents({
      tenant: principal.tenant,
      ...subjectOf(input, fail.VALIDATION_FAILED),
      ...given({ name: eventName, source: sourceModule, kind, from: timeOf(input.from), to: timeOf(input.to) }),
      ...(after === undefined ? {} : { after: toEventKey(after) }),
      limit: limit + 1,
    })
    return pageOf(rows, limit, toEvent, (row) => [row.receivedAt, row.subject, row.source, row.eventId])
  }
}

/** `learning.onboarding.listLearners`: by id, with their runs. */
export function listLearners({ store }: Journey): Handler<typeof ListLearnersContract> {
  return async ({ input, principal, fail }) => {
    const after = cursorOf(input.cursor, ['string'], fail.VALIDATION_FAILED)
    const rows = await store.listSubjects({
      tenant: principal.tenant,
      kind: input.kind ?? 'learner',
      ...given({ prefix: input.prefix }),
      ...(after === undefined ? {} : { after: String(after[0]) }),
      limit: input.limit + 1,
    })
    const toItem = ({ subject, enrolments }: (typeof rows)[number]) => ({
      ...idsOf(subject),
      enrolments: enrolments.map(toEnrolment),
    })
    return pageOf(rows, input.limit, toItem, ({ subject }) => [subject])
  }
}

/** `learning.onboarding.listFacts`: by position. */
export function listFacts({ store }: Journey): Handler<typeof ListFactsContract> {
  return async ({ input, principal, fail }) => {
    const after = cursorOf(input.cursor, ['number'], fail.VALIDATION_FAILED)
    const rows = await store.listFacts({
      tenant: principal.tenant,
      ...subjectOf(input, fail.VALIDATION_FAILED),
      ...given({ track: input.trackId, name: input.name }),
      first: input.first ?? 'newest',
      ...(after === undefined ? {} : { after: Number(after[0]) }),
      limit: input.limit + 1,
    })
    return pageOf(rows, input.limit, toFact, ({ position }) => [position])
  }
}

/** `learning.onboarding.listEnrolments`: newest start first. */
export function listEnrolments({ store }: Journey): Handler<typeof ListEnrolmentsContract> {
  return async ({ input, principal, fail }) => {
    const { limit, trackId, status, openStep } = input
    const after = cursorOf(input.cursor, ['number', 'string', 'string', 'number'], fail.VALIDATION_FAILED)
    const rows = await store.listEnrolments({
      tenant: principal.tenant,
      ...subjectOf(input, fail.VALIDATION_FAILED),
      ...given({
        track: trackId,
        status,
        openStep,
        startedFrom: timeOf(input.startedFrom),
        startedTo: timeOf(input.startedTo),
      }),
      ...(after === undefined ? {} : { after: toEnrolmentKey(after) }),
      limit: limit + 1,
    })
    return pageOf(rows, limit, toEnrolment, (row) => [row.startedAt, row.track, row.subject, row.run])
  }
}

type Refuse = (problem: ReturnType<typeof validationProblem>) => Error

function cursorOf(cursor: string | null, types: readonly ('string' | 'number')[], refuse: Refuse) {
  if (cursor === null) return undefined
  const parts = parseCursor(cursor, types)
  if (parts === null) throw refuse(validationProblem([BAD_CURSOR]))
  return parts
}

function toEventKey([receivedAt, subject, source, eventId]: readonly (string | number)[]) {
  return { receivedAt: Number(receivedAt), subject: String(subject), source: String(source), eventId: String(eventId) }
}

function toEnrolmentKey([startedAt, track, subject, run]: readonly (string | number)[]) {
  return { startedAt: Number(startedAt), track: String(track), subject: String(subject), run: Number(run) }
}

const ONE_SUBJECT: Issue = {
  pointer: '/accountId',
  message: 'A learner or an account, not both',
  expected: 'one of learnerId and accountId',
  received: 'both',
}

function subjectOf(input: { readonly learnerId?: string | undefined; readonly accountId?: string | undefined }, refuse: Refuse) {
  const { learnerId, accountId } = input
  if (learnerId !== undefined && accountId !== undefined) throw refuse(validationProblem([ONE_SUBJECT]))
  if (learnerId !== undefined) return { subject: learnerSubject(learnerId) }
  return accountId === undefined ? {} : { subject: accountSubject(accountId) }
}

/** Without what is undefined. */
function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

function timeOf(moment: string | undefined): number | undefined {
  return moment === undefined ? undefined : Math.floor(Date.parse(moment))
}

function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  keyOf: (row: Row) => readonly (string | number)[],
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { items: page.map(toItem), nextCursor: rows.length > limit && last !== undefined ? toCursor(keyOf(last)) : null }
}

function toEvent(row: EntryRow) {
  return {
    ...idsOf(row.subject),
    actorId: row.actor === null ? null : learnerOf(row.actor),
    eventId: row.eventId,
    sourceModule: row.source === '' ? null : row.source,
    kind: row.kind,
    eventName: row.name,
    eventVersion: row.version,
    inAccount: row.account,
    trackId: row.track,
    channel: row.channel,
    occurredAt: toMoment(row.occurredAt),
    receivedAt: toMoment(row.receivedAt),
    claimedAt: toMomentOrNull(row.claimedAt),
    eventPayload: row.payload === null ? null : (JSON.parse(row.payload) as unknown),
  }
}

function toFact(row: StoredFact) {
  return {
    position: row.position,
    factId: row.factId,
    ...idsOf(row.subject),
    name: row.name,
    trackId: row.track === '' ? null : row.track,
    run: row.run,
    stepId: row.step,
    occurredAt: toMoment(row.occurredAt),
    cause: { eventId: row.causeId, sourceModule: row.causeSource === '' ? null : row.causeSource },
    backfilled: row.backfilled,
    holdout: row.heldOut,
    data: JSON.parse(row.data) as unknown,
  }
}

function toEnrolment(row: EnrolmentRow) {
  return {
    ...idsOf(row.subject),
    trackId: row.track,
    run: row.run,
    version: row.version,
    status: row.status,
    startedAt: toMoment(row.startedAt),
    completedAt: toMomentOrNull(row.completedAt),
    endedAt: toMomentOrNull(row.endedAt),
    percent: row.percent,
    openStep: row.openStep,
    holdout: row.heldOut,
  }
}
