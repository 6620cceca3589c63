/**
 * Rows as they cross the thread and as they are bound: the values of many rows in one flat array, in the order of the columns.
 * Copied this way 500 entries took 0.4 ms, as objects 0.8 ms, as one array for each column 0.5 ms.
 */
import type { EntryRow, FactRow, StoredFact } from '@waymark/learning-journey/ports'

import { fromFlags, toFlags } from '../fact-flags.ts'

export type Value = string | number | null

/** The columns of `event` after which comes the payload and its format. */
export const ENTRY_WIDTH = 17

export function toEntryValues(entries: readonly EntryRow[]): Value[] {
  const values: Value[] = []
  for (const entry of entries) {
    values.push(
      entry.tenant,
      entry.subject,
      entry.source,
      entry.eventId,
      entry.kind,
      entry.name,
      entry.version,
      entry.occurredAt,
      entry.receivedAt,
      entry.claimedAt,
      entry.account,
      entry.actor,
      entry.track,
      entry.channel,
      entry.keyId,
      entry.bodyHash,
      entry.payload,
    )
  }
  return values
}

export type EntryValues = readonly [
  tenant: string,
  subject: string,
  source: string,
  eventId: string,
  kind: 'event' | 'control',
  name: string,
  version: string,
  occurredAt: number,
  receivedAt: number,
  claimedAt: number | null,
  account: string | null,
  actor: string | null,
  track: string | null,
  channel: string,
  keyId: string | null,
  bodyHash: string,
  payload: string | null,
]

export function toEntry(values: EntryValues): EntryRow {
  const [tenant, subject, source, eventId, kind, name, version, occurredAt, receivedAt, claimedAt, ...rest] = values
  const [account, actor, track, channel, keyId, bodyHash, payload] = rest
  return {
    tenant,
    subject,
    source,
    eventId,
    kind,
    name,
    version,
    occurredAt,
    receivedAt,
    claimedAt,
    account,
    actor,
    track,
    channel,
    keyId,
    bodyHash,
    payload,
  }
}

export const FACT_WIDTH = 13

export function toFactValues(facts: readonly FactRow[]): Value[] {
  const values: Value[] = []
  for (const fact of facts) {
    values.push(
      fact.tenant,
      fact.subject,
      fact.factId,
      fact.name,
      fact.track,
      fact.run,
      fact.step,
      fact.causeSource,
      fact.causeId,
      fact.occurredAt,
      fact.data,
      toFlags(fact),
      fact.runStartedAt,
    )
  }
  return values
}

export type StoredFactValues = readonly [
  tenant: string,
  subject: string,
  factId: string,
  name: string,
  track: string,
  run: number,
  step: string | null,
  causeSource: string,
  causeId: string,
  occurredAt: number,
  data: string,
  flags: number,
  runStartedAt: number,
  position: number,
]

export function toStoredFact(values: StoredFactValues): StoredFact {
  return { ...toFact(values), position: values[13] }
}

export function toFact(values: StoredFactValues): FactRow {
  const [tenant, subject, factId, name, track, run, step, causeSource, causeId, occurredAt, data, flags, runStartedAt] = values
  const fact = { tenant, subject, factId, name, track, run, step, causeSource, causeId, occurredAt, runStartedAt, data }
  return { ...fact, ...fromFlags(flags) }
}
