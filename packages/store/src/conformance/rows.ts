import type {
  CheckpointRow,
  Derived,
  EnrolmentRow,
  EntryRow,
  FactRow,
  JournalStore,
  RejectedRow,
  Round,
  StateWrite,
  StoredFact,
  SubjectKey,
  TrackVersionRow,
} from '@waymark/learning-journey/ports'
import { expect } from 'vitest'

export const ada: SubjectKey = { tenant: 'acme', subject: 'l:ada' }
export const bob: SubjectKey = { tenant: 'acme', subject: 'l:bob' }

export function entry(values: Partial<EntryRow> = {}): EntryRow {
  return {
    ...ada,
    source: 'crm',
    eventId: 'e1',
    kind: 'event',
    name: 'deal.created',
    version: '1.0.0',
    occurredAt: 1_700_000_000_000,
    receivedAt: 1_700_000_000_500,
    claimedAt: null,
    account: null,
    actor: null,
    track: null,
    channel: 'rest',
    keyId: null,
    bodyHash: 'hash-1',
    payload: '{"amount":1200}',
    ...values,
  }
}

export function fact(values: Partial<FactRow> = {}): FactRow {
  return {
    ...ada,
    factId: 'f1',
    name: 'learning.onboarding.step.completed',
    track: 'first-win',
    run: 0,
    step: 'create-deals',
    causeSource: 'crm',
    causeId: 'e1',
    occurredAt: 1_700_000_000_000,
    data: '{"xp":30}',
    runStartedAt: 1_699_999_000_000,
    backfilled: false,
    heldOut: false,
    ...values,
  }
}

export function rejected(values: Partial<RejectedRow> = {}): RejectedRow {
  return {
    tenant: 'acme',
    id: 'r1',
    receivedAt: 1_000,
    channel: 'rest',
    keyId: null,
    eventId: null,
    name: null,
    problem: '{"code":"VALIDATION_FAILED"}',
    body: '{"eventName":7}',
    ...values,
  }
}

export function trackVersion(values: Partial<TrackVersionRow> = {}): TrackVersionRow {
  return {
    tenant: '*',
    key: 'first-win',
    version: '1.0.0',
    contentHash: 'c1',
    definition: '{"key":"first-win"}',
    publishedAt: 1_000,
    ...values,
  }
}

export function stateWrite(key: SubjectKey, expected: number, ...bytes: readonly number[]): StateWrite {
  return { ...key, expected, state: Uint8Array.from(bytes) }
}

export function checkpoint(at: number, values: Partial<CheckpointRow> = {}): CheckpointRow {
  return { ...ada, track: 'first-win', at, behaviour: 1, state: Uint8Array.of(at), ...values }
}

export function enrolment(values: Partial<EnrolmentRow> = {}): EnrolmentRow {
  return {
    ...ada,
    track: 'first-win',
    run: 0,
    version: '1.0.0',
    status: 'active',
    startedAt: 1_000,
    completedAt: null,
    endedAt: null,
    percent: 0,
    openStep: 'create-deals',
    heldOut: false,
    changedAt: 1_000,
    ...values,
  }
}

export function derived(values: Partial<Derived> = {}): Derived {
  return {
    states: [],
    facts: [],
    rejected: [],
    redriven: [],
    outdated: [],
    checkpoints: [],
    expired: [],
    timers: [],
    enrolments: [],
    memberships: [],
    outgoing: [],
    ...values,
  }
}

/** Opens a round and ends it with what it derives; a stale one is done again, as the recorder does. */
export async function record(
  store: JournalStore,
  entries: readonly EntryRow[],
  wanted: readonly SubjectKey[] = [],
  derive: (round: Round) => Partial<Derived> = () => ({}),
): Promise<Round> {
  for (;;) {
    const round = await store.append(entries, wanted)
    if ((await round.commit(derived(derive(round)))) === 'committed') return round
  }
}

/** All facts of a tenant, with their positions. */
export async function factsWhenThere(store: JournalStore, tenant: string, count: number): Promise<readonly StoredFact[]> {
  await store.sequence()
  const facts = await store.readFacts({ tenant, limit: count + 1 })
  expect(facts).toHaveLength(count)
  return facts
}

export function withoutPosition({ position: _, ...row }: StoredFact): FactRow {
  return row
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}
