import type { RejectedRow } from '../ports/index.ts'
import { LARGEST_EVENT, type Report } from './assess.ts'

/** The row under which an item of `ingest` that could not be recorded is kept. */
export function toRejectedRow(
  raw: unknown,
  { eventId, problem }: { readonly eventId: string | null; readonly problem: object },
  { principal, channel, receivedAt }: Pick<Report, 'principal' | 'channel' | 'receivedAt'>,
  id: string,
): RejectedRow {
  const body = bodyOf(raw)
  return {
    tenant: principal.tenant,
    id,
    receivedAt,
    channel,
    keyId: 'id' in principal ? principal.id : null,
    eventId,
    name: textField(raw, 'eventName'),
    problem: JSON.stringify(problem),
    // A body can be as large as a request; the first part is enough to find its sender.
    body: body.length <= LARGEST_EVENT ? body : JSON.stringify({ truncated: body.slice(0, LARGEST_EVENT) }),
  }
}

/** The row of an item that was right, and that the database refused. */
export function refusedRow(raw: unknown, report: Parameters<typeof toRejectedRow>[2], id: string, error: unknown): RejectedRow {
  return toRejectedRow(raw, { eventId: textField(raw, 'eventId'), problem: refusedProblem(error) }, report, id)
}

/** What the sender learns of it: the database's own words stay in the process. */
export function refusedProblem(error: unknown): { readonly code: 'INTERNAL'; readonly detail: string } {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown }
  const code = errcode === undefined ? '' : ` (${errcode})`
  return { code: 'INTERNAL', detail: `The database did not take this event${code}. It is kept among the rejected ones.` }
}

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
  const value =
    typeof raw === 'object' && raw !== null && Object.hasOwn(raw, field) ? (raw as Record<string, unknown>)[field] : undefined
  return typeof value === 'string' ? value.slice(0, 256).toWellFormed().replaceAll('\0', '') : null
}
