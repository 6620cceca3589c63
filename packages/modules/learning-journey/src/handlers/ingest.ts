import type { GroupHandler } from '@waymark/contract'
import { validate } from '@waymark/contract'
import type { z } from 'zod'
import { INGEST_ITEMS, type IngestOutput, type IngestStatus } from '../contracts/ingest.ts'
import type { IngestContract } from '../contracts/onboarding.ts'
import type { RejectedRow } from '../ports/index.ts'
import { assess, controlEntry, LARGEST_EVENT, type Prepared, type Report } from '../record/assess.ts'
import { QueueFull } from '../record/recorder.ts'
import { nearest } from '../track/nearest.ts'
import type { Journey } from './journey.ts'

type Problem = NonNullable<z.infer<typeof IngestOutput>['results'][number]['problem']>

/** One item on its way: to the journal, or refused with a status. */
type Item =
  | { readonly prepared: Prepared; readonly status: 'recorded' | 'unmatched' }
  | {
      readonly status: Exclude<IngestStatus, 'recorded' | 'unmatched'>
      readonly eventId: string | null
      readonly problem: Problem
    }

/** `learning.onboarding.ingest`: a batch in which every item stands alone. It answers 200 with a status for each. */
export function ingest(journey: Journey): GroupHandler<typeof IngestContract> {
  const { recorder, now, newId } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      const receivedAt = now()
      // One key for a whole batch still has to give each of its items an id of its own, the same again on a retry.
      const report = (index: number): Report => ({
        principal,
        channel: call.channel,
        receivedAt,
        fallbackId: () => (call.idempotencyKey === undefined ? newId() : `${call.idempotencyKey}:${index}`),
      })
      const items: Item[] = []
      for (const [index, raw] of input.events.entries()) items.push(await toItem(journey, raw, report(index)))
      const rejected = items.flatMap((item, index): RejectedRow[] =>
        KEPT.has(item.status) ? [toRejected(item as never, input.events[index], report(index), newId())] : [],
      )
      const prepared = items.flatMap((item) => ('prepared' in item ? [item.prepared] : []))
      return recorder
        .submit({
          prepared,
          rejected,
          trace: false,
          finish: (recorded) => {
            let next = 0
            const results = items.map((item, index) => {
              if (!('prepared' in item)) return { index, eventId: item.eventId, status: item.status, problem: item.problem }
              const { append } = recorded[next++] ?? { append: 'recorded' }
              const { eventId } = item.prepared.row
              if (append === 'conflict')
                return {
                  index,
                  eventId,
                  status: append,
                  problem: {
                    code: 'CONFLICT',
                    detail: `The event ${eventId} was recorded before with another content. The first one stands.`,
                  },
                }
              return { index, eventId, status: append === 'duplicate' ? append : item.status }
            })
            return check({ success: true, results })
          },
        })
        .catch((error: unknown) => {
          throw error instanceof QueueFull ? fail.RATE_LIMITED({ detail: error.message, retryAfter: 1 }) : error
        })
    },
  }
}

/** Statuses whose items are kept with their problem. */
const KEPT: ReadonlySet<IngestStatus> = new Set<IngestStatus>(['invalid', 'too_large', 'forbidden'])

async function toItem(journey: Journey, raw: unknown, report: Report): Promise<Item> {
  const eventId = textField(raw, 'eventId')
  const type = textField(raw, 'type') ?? 'event'
  const schema = INGEST_ITEMS[type as keyof typeof INGEST_ITEMS] as (typeof INGEST_ITEMS)[keyof typeof INGEST_ITEMS] | undefined
  if (schema === undefined || !Object.hasOwn(INGEST_ITEMS, type)) {
    return {
      status: 'invalid',
      eventId,
      problem: { code: 'VALIDATION_FAILED', detail: `/type: expected one of ${Object.keys(INGEST_ITEMS).join(', ')}` },
    }
  }
  const parsed = await validate(schema, raw)
  if (!parsed.ok)
    return {
      status: 'invalid',
      eventId,
      problem: {
        code: 'VALIDATION_FAILED',
        detail: `${parsed.issues[0]?.pointer}: ${parsed.issues[0]?.message}`,
        errors: [...parsed.issues],
      },
    }
  return parsed.value.type === 'event'
    ? toEvent(journey, parsed.value, report)
    : { prepared: toControl(journey, parsed.value, report), status: 'recorded' }
}

async function toEvent(journey: Journey, event: z.infer<typeof INGEST_ITEMS.event>, report: Report): Promise<Item> {
  const { type: _, ...reported } = event
  const eventId = event.eventId ?? null
  const assessed = await assess(journey, reported, report)
  switch (assessed.verdict) {
    case 'ready':
      return { prepared: assessed.prepared, status: 'recorded' }
    case 'unmatched':
      return { prepared: assessed.prepared, status: 'unmatched' }
    case 'forbidden':
      return { status: 'forbidden', eventId, problem: { code: 'FORBIDDEN', detail: assessed.detail } }
    case 'unknown': {
      const names = nearest(
        event.eventName,
        journey.registry.events.map(({ event }) => event.meta.key),
      )
      return {
        status: 'unknown',
        eventId,
        problem: {
          code: 'EVENT_UNKNOWN',
          detail: `No module declares the event ${event.eventName}, and no mapping leads to one.${names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`}`,
        },
      }
    }
    case 'unknown_track':
      return { status: 'invalid', eventId, problem: { code: 'TRACK_NOT_FOUND', detail: `There is no track ${event.trackId}.` } }
    case 'invalid':
      return {
        status: 'invalid',
        eventId,
        problem: {
          code: 'VALIDATION_FAILED',
          detail: `${assessed.issues[0]?.pointer}: ${assessed.issues[0]?.message}`,
          errors: [...assessed.issues],
        },
      }
    case 'too_large':
      return {
        status: 'too_large',
        eventId,
        problem: {
          code: 'PAYLOAD_TOO_LARGE',
          detail: `The payload has ${assessed.bytes} bytes; an event takes at most ${LARGEST_EVENT}.`,
        },
      }
  }
}

/** What is known of a person becomes a control entry of their journal. */
function toControl(
  { catalogue, hash }: Journey,
  item: z.infer<(typeof INGEST_ITEMS)['identify' | 'group' | 'alias']>,
  report: Report,
): Prepared {
  const at =
    item.occurredAt === undefined ? report.receivedAt : Math.min(Math.floor(Date.parse(item.occurredAt)), report.receivedAt)
  const common = { learnerId: item.learnerId, track: null, eventId: item.eventId ?? report.fallbackId(), occurredAt: at }
  switch (item.type) {
    case 'identify':
      return controlEntry(
        catalogue,
        { ...common, name: 'waymark.identified', payload: { traits: item.traits ?? {}, anonymousId: item.anonymousId ?? null } },
        report,
        hash,
      )
    case 'group':
      return controlEntry(
        catalogue,
        {
          ...common,
          name: 'waymark.grouped',
          account: item.accountId,
          payload: { accountId: item.accountId, traits: item.traits ?? {} },
        },
        report,
        hash,
      )
    case 'alias':
      return controlEntry(
        catalogue,
        { ...common, name: 'waymark.merged', payload: { previousId: item.previousId } },
        report,
        hash,
      )
  }
}

function toRejected(
  item: { readonly eventId: string | null; readonly problem: Problem },
  raw: unknown,
  { principal, channel, receivedAt }: Report,
  id: string,
): RejectedRow {
  const body = JSON.stringify(raw)
  return {
    tenant: principal.tenant,
    id,
    receivedAt,
    channel,
    keyId: 'id' in principal ? principal.id : null,
    eventId: item.eventId,
    name: textField(raw, 'eventName'),
    problem: JSON.stringify(item.problem),
    // A body can be as large as a request; the first part is enough to find its sender.
    body: body.length <= LARGEST_EVENT ? body : JSON.stringify({ truncated: body.slice(0, LARGEST_EVENT) }),
  }
}

/** A short text of an item that may be anything. */
function textField(raw: unknown, field: string): string | null {
  const value =
    typeof raw === 'object' && raw !== null && Object.hasOwn(raw, field) ? (raw as Record<string, unknown>)[field] : undefined
  return typeof value === 'string' ? value.slice(0, 256).toWellFormed().replaceAll('\0', '') : null
}
