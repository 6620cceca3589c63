import type { RejectedRow } from '../ports/index.ts'
import { LARGEST_EVENT, type Report } from './assess.ts'

/** The row under which an item of `ingest` that could not be recorded is kept. */
export function toRejectedRow(
  raw: unknown,
  { eventId, problem }: { readonly eventId: string | null; readonly problem: object },
  { principal, channel, receivedAt, fallbackId }: Report,
  id: string,
): RejectedRow {
  const body = bodyOf(raw)
  const isClient = principal.kind === 'learner'
  return {
    tenant: principal.tenant,
    id,
    receivedAt,
    channel: isClient ? 'client' : channel,
    keyId: 'id' in principal && !isClient ? principal.id : null,
    // Under this id it is recorded when it is tried again: a batch that is sent again after that has to find it.
    eventId: eventId ?? (hasField(raw, 'eventId') ? null : fallbackId()),
    name: textField(raw, 'eventName'),
    problem: JSON.stringify(problem),
    // A body can be as large as a request; the first part is enough to find its sender.
    body: isWhole(body) ? body : JSON.stringify({ truncated: body.slice(0, LARGEST_KEPT) }),
  }
}

/** The row of an item that was right, and that the database refused. */
export function refusedRow(raw: unknown, report: Report, id: string, error: unknown): RejectedRow {
  return toRejectedRow(raw, { eventId: textField(raw, 'eventId'), problem: refusedProblem(error) }, report, id)
}

/** What the sender learns of it: the database's own words stay in the process. */
export function refusedProblem(error: unknown): { readonly code: 'INTERNAL'; readonly detail: string } {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown }
  const code = errcode === undefined ? '' : ` (${errcode})`
  return { code: 'INTERNAL', detail: `The database did not take this event${code}. It is kept among the rejected ones.` }
}

/** True when a rejected body is all of what came; a truncated one is longer than any other. */
export function isWhole(body: string): boolean {
  return body.length <= LARGEST_KEPT
}

// Holds the largest payload with all the ids that an event can have.
const LARGEST_KEPT = 2 * LARGEST_EVENT

/** The item as JSON text, `null` where it is nothing that JSON can say: only a call within the process can send that. */
function bodyOf(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? 'null'
  } catch {
    return 'null'
  }
}

/** A short text of an item that may be anything. */
export function textField(raw: unknown, field: string): string | null {
  const value = hasField(raw, field) ? raw[field] : undefined
  return typeof value === 'string' ? value.slice(0, 256).toWellFormed().replaceAll('\0', '') : null
}

function hasField(raw: unknown, field: string): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, field)
}
