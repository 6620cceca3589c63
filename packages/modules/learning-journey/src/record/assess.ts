/**
 * What an event is worth before any state is looked at: who may report it, which tracks and steps it concerns, whether its payload is
 * what its contract says. The order of the checks is part of the contract of `recordEvent`.
 */
import { canonicalJson, type Issue, majorOf, type Principal, type Registry, validate } from '@waymark/contract'
import { utf8Length } from '../contracts/text.ts'
import type { Entry } from '../engine/index.ts'
import type { EntryRow } from '../ports/index.ts'
import { foreignAccountDetail, mayName } from './account-access.ts'
import type { Catalogue } from './catalogue.ts'
import { learnerSubject, toEntry } from './entry-row.ts'
import { findUnstorable } from './storable.ts'

/** A product event as it comes through any door. */
export interface ReportedEvent {
  readonly learnerId: string
  readonly eventName: string
  readonly trackId?: string | undefined
  readonly accountId?: string | undefined
  readonly eventId?: string | undefined
  readonly eventVersion?: string | undefined
  readonly sourceModule?: string | undefined
  readonly eventPayload?: Record<string, unknown> | undefined
  readonly occurredAt?: string | undefined
}

/** Who reports, how, and when it arrived. */
export interface Report {
  readonly principal: Exclude<Principal, { kind: 'invalid' }>
  readonly channel: string
  readonly receivedAt: number
  /** Used when the event has no id of its own. */
  readonly fallbackId: () => string
}

/** A row on its way into the journal. */
export type NewEntryRow = EntryRow & { readonly payload: string }

/** An entry ready for the journal. */
export interface Prepared {
  readonly row: NewEntryRow
  readonly entry: Entry
}

export type Assessment =
  | { readonly verdict: 'ready'; readonly prepared: Prepared }
  | { readonly verdict: 'forbidden'; readonly detail: string }
  | { readonly verdict: 'unknown_track' }
  | { readonly verdict: 'unmatched'; readonly prepared: Prepared }
  | { readonly verdict: 'unknown' }
  | { readonly verdict: 'invalid'; readonly issues: readonly Issue[] }
  | { readonly verdict: 'too_large'; readonly detail: string }

/** Largest event, in bytes of its payload as JSON. */
export const LARGEST_EVENT = 32_768
const CONTROL_PREFIX = 'waymark.'
const CONTROL_SOURCE = 'waymark'
/** Clocks of producers may be this far ahead. */
const CLOCK_SKEW_MS = 5 * 60_000

export interface AssessContext {
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly hash: (text: string) => string
}

/** Assesses one event. Nothing is stored, and nothing outside the arguments is read. */
export function assess(
  { registry, catalogue, hash }: AssessContext,
  event: ReportedEvent,
  report: Report,
): Assessment | Promise<Assessment> {
  const { eventName, trackId } = event
  if (eventName.startsWith(CONTROL_PREFIX)) {
    return {
      verdict: 'forbidden',
      detail: `Names that start with ${CONTROL_PREFIX} are kept for control entries, which only commands write.`,
    }
  }
  if (event.sourceModule === CONTROL_SOURCE) {
    return {
      verdict: 'forbidden',
      detail: `The source ${CONTROL_SOURCE} is kept for control entries, which only commands write.`,
    }
  }
  const known = registry.event(eventName)
  const contract = event.eventVersion === undefined ? known : registry.event(eventName, event.eventVersion)
  if (report.principal.kind === 'learner' && (contract ?? known)?.event.reportableBy === 'server') {
    return {
      verdict: 'forbidden',
      detail: `${eventName} is reported by servers only. Set reportableBy: 'client' on its contract to let a learner report it.`,
    }
  }
  if (event.accountId !== undefined && !mayName(report.principal, event.accountId))
    return { verdict: 'forbidden', detail: foreignAccountDetail(event.accountId) }
  if (trackId !== undefined && catalogue.track(trackId) === undefined) return { verdict: 'unknown_track' }
  const concern = { kind: 'event', name: eventName, track: trackId ?? null } as const
  const isListening = catalogue.tracksOf(concern).length > 0 || catalogue.paused(concern).length > 0
  if (known === undefined) return { verdict: 'unknown' }
  if (contract === undefined) {
    return {
      verdict: 'invalid',
      issues: [
        {
          pointer: '/eventVersion',
          message: `${eventName} has no version ${event.eventVersion}`,
          expected: 'a version of the event contract',
          received: 'string',
        },
      ],
    }
  }
  const payload = event.eventPayload ?? {}
  const unstorable = findUnstorable(payload)
  if (unstorable !== undefined) return invalid([unstorable])
  const text = JSON.stringify(payload)
  const detail = tooLarge(text)
  if (detail !== undefined) return { verdict: 'too_large', detail }
  // Only `unmatched` needs to know that no step listens; everything else about the two is the same.
  const verdict = isListening ? 'ready' : 'unmatched'
  const finish = (issues: readonly Issue[]): Assessment => {
    if (issues.length > 0) return invalid(issues)
    const row = toRow(event, contract.event.meta.version, text, report, hash(bodyOf(event, contract.event.meta.version, payload)))
    return { verdict, prepared: { row, entry: toEntry(row, payload) } }
  }
  const validated = validate(contract.event.payload, payload)
  if ('then' in validated) return validated.then((late) => finish(late.ok ? NO_ISSUES : late.issues))
  return finish(validated.ok ? NO_ISSUES : validated.issues)
}

const NO_ISSUES: readonly Issue[] = []

/**
 * What makes two events of one id the same: what they say, however it is written. An instant can be written in many ways, and a version that
 * was left out was the latest of its day, so its major alone counts.
 */
function bodyOf(event: ReportedEvent, version: string, payload: unknown): string {
  const { eventName, trackId = null, accountId = null, occurredAt } = event
  return canonicalJson([
    eventName,
    majorOf(version),
    trackId,
    accountId,
    occurredAt === undefined ? null : Math.floor(Date.parse(occurredAt)),
    payload,
  ])
}

function invalid(issues: readonly Issue[]): Assessment {
  return { verdict: 'invalid', issues: issues.map((issue) => ({ ...issue, pointer: `/eventPayload${issue.pointer}` })) }
}

/** Says that a payload is larger than an entry may be; undefined when it is not. */
export function tooLarge(payload: string): string | undefined {
  const bytes = utf8Length(payload)
  return bytes > LARGEST_EVENT ? `The payload has ${bytes} bytes; an event takes at most ${LARGEST_EVENT}.` : undefined
}

function toRow(event: ReportedEvent, version: string, payload: string, report: Report, bodyHash: string): NewEntryRow {
  const { principal, receivedAt } = report
  const isClient = principal.kind === 'learner'
  const claimed = event.occurredAt === undefined ? null : Math.floor(Date.parse(event.occurredAt))
  const accepted = claimed === null || isClient || claimed > receivedAt + CLOCK_SKEW_MS ? receivedAt : claimed
  return {
    tenant: principal.tenant,
    subject: learnerSubject(event.learnerId),
    source: event.sourceModule ?? '',
    eventId: event.eventId ?? report.fallbackId(),
    kind: 'event',
    name: event.eventName,
    version,
    occurredAt: accepted,
    receivedAt,
    claimedAt: claimed === null || claimed === accepted ? null : claimed,
    account: event.accountId ?? null,
    actor: null,
    track: event.trackId ?? null,
    channel: isClient ? 'client' : report.channel,
    keyId: 'id' in principal && !isClient ? principal.id : null,
    bodyHash,
    payload,
  }
}

/** What a control entry says. */
export interface Control {
  readonly name: string
  /** `l:<learner>` or `a:<account>`. */
  readonly subject: string
  readonly track: string | null
  readonly account?: string | null
  /** Who acted, as a subject, where that is not the subject itself. */
  readonly actor?: string | null
  readonly eventId: string
  readonly occurredAt: number
  /** The time that was asked for; null when none was. */
  readonly claimedAt: number | null
  readonly payload: object
}

/** A control entry that one of our commands writes. */
export function controlEntry(
  control: Control,
  { principal, channel, receivedAt }: Pick<Report, 'principal' | 'channel' | 'receivedAt'>,
  hash: (text: string) => string,
): Prepared {
  const payload = JSON.stringify(control.payload)
  const row: NewEntryRow = {
    tenant: principal.tenant,
    subject: control.subject,
    source: CONTROL_SOURCE,
    eventId: control.eventId,
    kind: 'control',
    name: control.name,
    version: '',
    occurredAt: control.occurredAt,
    receivedAt,
    claimedAt: control.claimedAt === control.occurredAt ? null : control.claimedAt,
    account: control.account ?? null,
    actor: control.actor ?? null,
    track: control.track,
    channel: principal.kind === 'learner' ? 'client' : channel,
    keyId: principal.kind === 'service' || principal.kind === 'operator' ? principal.id : null,
    bodyHash: hash(canonicalJson([control.name, control.track, control.claimedAt, control.payload])),
    payload,
  }
  return { row, entry: toEntry(row, control.payload) }
}
