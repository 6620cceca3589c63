import {
  type CheckedOutput,
  type GroupHandler,
  hasScope,
  type Issue,
  type OutputCheck,
  type Validated,
  validate,
} from '@waymark/contract'
import type { z } from 'zod'
import { INGEST_ITEMS, type IngestOutput, type ItemProblem } from '../contracts/ingest.ts'
import type { IngestContract } from '../contracts/onboarding.ts'
import { IMPORT } from '../engine/index.ts'
import type { RejectedRow } from '../ports/index.ts'
import { type Assessment, assess, type Prepared, type Report, tooLarge } from '../record/assess.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { grouped, identified, traitIssues } from '../record/person.ts'
import { refusedProblem, refusedRow, textField, toRejectedRow } from '../record/rejected-row.ts'
import type { Recorded } from '../record/round.ts'
import { findUnstorable } from '../record/storable.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { nearest } from '../track/nearest.ts'
import { idOfCall, type Journey } from './journey.ts'
import { mergedElsewhere } from './merge.ts'
import { trackNotFound } from './track-not-found.ts'

const IMPORT_SCOPE = 'events:import'

/** One item on its way: to the journal, to another person, or refused with a status. */
export type Item = Ready | Merging | Refused

export interface Ready {
  readonly prepared: Prepared
  /** What it says in other journals. */
  readonly also?: readonly Prepared[]
  /** Ids that are the learner's. */
  readonly merges?: readonly string[]
  readonly status: 'recorded' | 'unmatched'
}

/** It says nothing but that ids are one person. */
export interface Merging {
  readonly eventId: string
  readonly learnerId: string
  readonly merges: readonly string[]
  /** `erased`: one of them was forgotten after it was said, and nothing is merged. */
  readonly status: 'recorded' | 'erased'
}

interface Refused {
  readonly status: 'unknown' | 'invalid' | 'too_large' | 'forbidden'
  readonly eventId: string | null
  readonly problem: ItemProblem
}

/** `learning.onboarding.ingest`: a batch in which every item stands alone. It answers 200 with a status for each. */
export function ingest(journey: Journey): GroupHandler<typeof IngestContract> {
  return {
    commit: 'group',
    handle: async ({ input, principal, call, fail, check }) => {
      if (input.import === true && !('scopes' in principal && hasScope(principal.scopes, IMPORT_SCOPE)))
        throw fail.FORBIDDEN({ detail: `The credential lacks the scope ${IMPORT_SCOPE}, which \`import\` needs.` })
      const receivedAt = journey.now()
      // One key for a whole batch still has to give each of its items an id of its own, the same again on a retry.
      const report = (index: number): Report => ({
        principal,
        channel: input.import === true ? IMPORT : call.channel,
        receivedAt,
        fallbackId: () => idOfCall(journey, call, `:${index}`),
      })
      return ingestItems(journey, input.events, report, check)
    },
  }
}

/** Records a batch. `report` says of each item who reports it, how, and when it arrived. */
export async function ingestItems(
  journey: Journey,
  raws: readonly unknown[],
  report: (index: number) => Report,
  check: OutputCheck<z.infer<typeof IngestOutput>>,
): Promise<CheckedOutput> {
  const { recorder, unknownEvents, newId } = journey
  const items: Item[] = []
  for (const [index, raw] of raws.entries()) {
    const item = toItem(journey, raw, report(index))
    // Most payload schemas answer at once, and a promise for each event costs more than the check itself.
    items.push('then' in item ? await item : item)
  }
  for (const [index, item] of items.entries()) {
    if (!('problem' in item) || item.status !== 'unknown') continue
    // Its schema was checked before its name was looked for.
    const {
      eventName: name,
      sourceModule: source = null,
      eventPayload: payload,
    } = raws[index] as z.infer<typeof INGEST_ITEMS.event>
    const { principal, channel, receivedAt } = report(index)
    unknownEvents.count({ tenant: principal.tenant, name, channel, source, receivedAt, payload })
  }
  const rejected = items.flatMap((item, index): RejectedRow[] =>
    'problem' in item && item.status !== 'unknown' ? [toRejectedRow(raws[index], item, report(index), newId())] : [],
  )
  const { prepared, places } = entriesOf(items)
  const merged = await mergeAll(journey, items, report)
  return recorder.submit({
    prepared,
    rejected,
    trace: false,
    toRejected: (index, error) => {
      const place = places[index] as number
      const { eventId } = (prepared[index] as Prepared).row
      // Under the id that the answer names, whoever gave it.
      return refusedRow({ ...(raws[place] as object), eventId }, report(place), newId(), error)
    },
    finish: (recorded) => {
      let next = 0
      const results = items.map((item, index) => {
        const outcome = 'prepared' in item ? recorded[next++] : undefined
        return { index, ...toResult(item, outcome, merged[index]) }
      })
      return check({ success: true, results })
    },
  })
}

/** The entries of all items, first the one that each is known by, and the index of the item that each comes from. */
export function entriesOf(items: readonly (Item | undefined)[]) {
  const ready = items.flatMap((item, place) => (item !== undefined && 'prepared' in item ? [{ place, item }] : []))
  const entries = [
    ...ready.map(({ place, item }) => ({ place, prepared: item.prepared })),
    ...ready.flatMap(({ place, item }) => (item.also ?? []).map((prepared) => ({ place, prepared }))),
  ]
  return {
    prepared: entries.map((entry) => entry.prepared),
    places: entries.map((entry) => entry.place),
    /** So many of them, the first ones, are what items are known by. */
    known: ready.length,
  }
}

/** Merges what items say is one person. Answers, for each item that says so, what came of it: the worst of several ids. */
export async function mergeAll(
  { merge }: Journey,
  items: readonly (Item | undefined)[],
  report: (index: number) => Report,
): Promise<readonly (MergeOutcome | undefined)[]> {
  const outcomes: (MergeOutcome | undefined)[] = []
  for (const [index, item] of items.entries()) {
    if (item === undefined || !('merges' in item) || item.merges === undefined) continue
    const { principal, channel, receivedAt } = report(index)
    const { tenant } = principal
    const into = 'prepared' in item ? item.prepared.row.subject : learnerSubject(item.learnerId)
    const found: MergeOutcome[] = []
    for (const id of item.merges) {
      const outcome = await merge(
        { tenant, subject: learnerSubject(id) },
        { tenant, subject: into },
        { principal, channel, receivedAt },
      )
      found.push({ outcome, id })
    }
    const rank = ({ outcome }: MergeOutcome) => ['conflict', 'merged', 'duplicate'].indexOf(outcome)
    outcomes[index] = found.sort((a, b) => rank(a) - rank(b))[0]
  }
  return outcomes
}

interface MergeOutcome {
  readonly outcome: 'merged' | 'duplicate' | 'conflict'
  readonly id: string
}

type Result = Omit<z.infer<typeof IngestOutput>['results'][number], 'index'>

/** What became of an item once its round knows. */
export function toResult(item: Item, recorded: Recorded | undefined, merged: MergeOutcome | undefined): Result {
  const problem =
    merged?.outcome === 'conflict' ? { problem: { code: 'CONFLICT', detail: mergedElsewhere(merged.id) } } : undefined
  if (!('prepared' in item)) {
    if (!('merges' in item)) return item
    const status = merged === undefined || merged.outcome === 'merged' ? item.status : merged.outcome
    return { eventId: item.eventId, status, ...problem }
  }
  const { eventId } = item.prepared.row
  const { append, error } = recorded as Recorded
  if (append === 'refused') return { eventId, status: 'invalid', problem: refusedProblem(error) }
  if (append === 'duplicate' || append === 'erased') return { eventId, status: append, ...problem }
  if (append === 'recorded') return { eventId, status: item.status, ...problem }
  const detail = `The event ${eventId} was recorded before with another content. The first one stands.`
  return { eventId, status: append, problem: { code: 'CONFLICT', detail } }
}

/** Assesses one item of a batch. */
export function toItem(journey: Journey, raw: unknown, report: Report): Item | Promise<Item> {
  const eventId = textField(raw, 'eventId')
  // A door that could not keep the item as it came says why, and passes on what names it.
  const refused = textField(raw, 'refused')
  if (refused !== null) return { status: 'invalid', eventId, problem: { code: 'VALIDATION_FAILED', detail: refused } }
  const type = textField(raw, 'type') ?? 'event'
  const schema = INGEST_ITEMS[type as keyof typeof INGEST_ITEMS] as (typeof INGEST_ITEMS)[keyof typeof INGEST_ITEMS] | undefined
  if (schema === undefined || !Object.hasOwn(INGEST_ITEMS, type)) {
    return {
      status: 'invalid',
      eventId,
      problem: {
        code: 'VALIDATION_FAILED',
        detail: `/type: expected one of ${Object.keys(INGEST_ITEMS).join(', ')}, received ${JSON.stringify(type)}`,
      },
    }
  }
  // The schemas of items are ours, and none of them is asynchronous.
  const parsed = validate(schema, raw) as Validated<z.infer<typeof schema>>
  if (!parsed.ok) return invalid(eventId, parsed.issues)
  const { value } = parsed
  if (value.type === 'event') return toEvent(journey, value, report)
  const unstorable = findUnstorable(value)
  if (unstorable !== undefined) return invalid(eventId, [unstorable])
  return toPerson(journey, value, report)
}

function invalid(eventId: string | null, issues: readonly Issue[]): Refused {
  return { status: 'invalid', eventId, problem: { code: 'VALIDATION_FAILED', ...validationProblem(issues) } }
}

function toEvent(journey: Journey, event: z.infer<typeof INGEST_ITEMS.event>, report: Report): Item | Promise<Item> {
  const { type: _, ...reported } = event
  const assessed = assess(journey, reported, report)
  return 'then' in assessed ? assessed.then((late) => assessedItem(journey, event, late)) : assessedItem(journey, event, assessed)
}

function assessedItem(journey: Journey, event: z.infer<typeof INGEST_ITEMS.event>, assessed: Assessment): Item {
  const eventId = event.eventId ?? null
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
    case 'unknown_track': {
      const { detail } = trackNotFound(journey.catalogue, event.trackId ?? '')
      return { status: 'invalid', eventId, problem: { code: 'TRACK_NOT_FOUND', detail } }
    }
    case 'invalid':
      return invalid(eventId, assessed.issues)
    case 'too_large':
      return { status: 'too_large', eventId, problem: { code: 'PAYLOAD_TOO_LARGE', detail: assessed.detail } }
  }
}

/** What is known of a person becomes control entries. */
async function toPerson(
  { hash, traits: declared, tombstones }: Journey,
  item: z.infer<(typeof INGEST_ITEMS)['identify' | 'group' | 'alias']>,
  report: Report,
): Promise<Item> {
  const claimedAt = item.occurredAt === undefined ? null : Math.floor(Date.parse(item.occurredAt))
  const occurredAt = Math.min(claimedAt ?? report.receivedAt, report.receivedAt)
  const eventId = item.eventId ?? report.fallbackId()
  const said = { eventId, occurredAt, claimedAt }
  const isForgotten = (id: string) => tombstones.isErased(report.principal.tenant, id, occurredAt)
  switch (item.type) {
    case 'identify': {
      const { traits = {}, anonymousId } = item
      const issues = await traitIssues(traits, declared?.learner)
      if (issues.length > 0) return invalid(eventId, issues)
      const sure = sized(eventId, [identified({ ...said, learnerId: item.learnerId, traits }, report, hash)])
      const isOther =
        anonymousId !== undefined && ![item.learnerId, anonymousId].some(isForgotten) && anonymousId !== item.learnerId
      return isOther && 'prepared' in sure ? { ...sure, merges: [anonymousId] } : sure
    }
    case 'group': {
      const { learnerId, accountId, leave, traits } = item
      const issues = traits === undefined ? [] : await traitIssues(traits, declared?.account)
      if (issues.length > 0) return invalid(eventId, issues)
      return sized(eventId, grouped({ ...said, learnerId, accountId, leave, traits }, report, hash))
    }
    case 'alias': {
      const { learnerId, previousId, anonymousId } = item
      const merges = [previousId, ...(anonymousId === undefined ? [] : [anonymousId])].filter((id) => id !== learnerId)
      if ([learnerId, ...merges].some(isForgotten)) return { eventId, learnerId, merges: [], status: 'erased' }
      return { eventId, learnerId, merges, status: 'recorded' }
    }
  }
}

function sized(eventId: string, [prepared, ...also]: readonly [Prepared, ...Prepared[]]): Item {
  for (const { row } of [prepared, ...also]) {
    const detail = tooLarge(row.payload)
    if (detail !== undefined) return { status: 'too_large', eventId, problem: { code: 'PAYLOAD_TOO_LARGE', detail } }
  }
  return { prepared, also, status: 'recorded' }
}
