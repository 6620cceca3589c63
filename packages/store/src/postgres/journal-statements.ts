/**
 * The statements of the journal. Each takes whole columns as arrays, so that its text does not depend on the number of rows. Lookups
 * for many subjects are lateral with a limit: so each is a walk down the index, whatever the planner believes about the size of a table.
 */
import type {
  CheckpointRange,
  CheckpointRow,
  EntryRow,
  ExpiredEvents,
  FactRow,
  RedrivenRow,
  RejectedRow,
  StateWrite,
  SubjectState,
} from '@waymark/learning-journey/ports'
import { toFlags } from '../fact-flags.ts'
import { toBucket } from '../rollup.ts'
import { byteaArray, int4Array, int8Array, textArray } from './binary-array.ts'
import type { Answer } from './connections.ts'
import { toBytes } from './journal-queries.ts'
import { type Asked, statement, unkept } from './statement.ts'

const INSERT_EVENTS =
  statement(`insert into waymark.event (tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account,
      actor, track, channel, key_id, body_hash, payload, payload_format)
    select $1, u.*, 1
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[], $9::int8[], $10::int8[], $11::text[],
      $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[]) u
    on conflict do nothing`)

/** New entries of one tenant; the number of them is the count of the answer. */
export function insertEvents(tenant: string, entries: readonly EntryRow[]): Asked {
  return [
    INSERT_EVENTS,
    [
      tenant,
      textArray(entries, (entry) => entry.subject),
      textArray(entries, (entry) => entry.source),
      textArray(entries, (entry) => entry.eventId),
      textArray(entries, (entry) => entry.kind),
      textArray(entries, (entry) => entry.name),
      textArray(entries, (entry) => entry.version),
      int8Array(entries, (entry) => entry.occurredAt),
      int8Array(entries, (entry) => entry.receivedAt),
      int8Array(entries, (entry) => entry.claimedAt),
      textArray(entries, (entry) => entry.account),
      textArray(entries, (entry) => entry.actor),
      textArray(entries, (entry) => entry.track),
      textArray(entries, (entry) => entry.channel),
      textArray(entries, (entry) => entry.keyId),
      textArray(entries, (entry) => entry.bodyHash),
      textArray(entries, (entry) => entry.payload),
    ],
  ]
}

const FIND_EVENTS = statement(`select e.body_hash, e.xmin = pg_current_xact_id()::xid
    from unnest($2::text[], $3::text[], $4::text[]) with ordinality u(subject, source, event_id, i)
    left join lateral (
      select body_hash, xmin from waymark.event
      where tenant = $1 and subject = u.subject and source = u.source and event_id = u.event_id limit 1) e on true
    order by u.i`)

/** For each entry: the hash that is stored under its key (null: none by now), and whether this transaction stored it (`t`). */
export function findEvents(tenant: string, entries: readonly EntryRow[]): Asked {
  const { subject, source, eventId } = {
    subject: textArray(entries, (entry) => entry.subject),
    source: textArray(entries, (entry) => entry.source),
    eventId: textArray(entries, (entry) => entry.eventId),
  }
  return [FIND_EVENTS, [tenant, subject, source, eventId]]
}

const LOCK_STATES = statement(`select string_agg(concat(l.i, ' ', coalesce(l.version, 0), ' ', l.known), ',')
    from (
      select u.i, s.version,
        case when s.version is not null then encode(s.state, 'hex')
          else concat(case when own.known or of_account.known then 'p' end, 'm' || encode(convert_to(m.into_subject, 'UTF8'), 'hex'))
          end as known
      from unnest($2::text[]) with ordinality u(subject, i)
      left join lateral (select version, state from waymark.subject_state where tenant = $1 and subject = u.subject for update) s on true
      left join lateral (
        select into_subject from waymark.merged where s.version is null and tenant = $1 and subject = u.subject limit 1) m on true
      left join lateral (
        select true as known from waymark.event
        where s.version is null and tenant = $1 and subject = u.subject and xmin <> pg_current_xact_id()::xid limit 1) own on true
      left join lateral (
        select true as known from waymark.event
        where s.version is null and own.known is null and u.subject like 'a:%'
          and tenant = $1 and account = substr(u.subject, 3) and xmin <> pg_current_xact_id()::xid limit 1) of_account on true) l
    where l.version is not null or l.known <> ''`)

/**
 * The states of subjects, locked in the order given; of a subject without a state, whether it was merged into another one or has entries
 * which this transaction did not write. One row with one text, because the driver takes longer over a row than over its bytes.
 */
export function lockStates(tenant: string, subjects: readonly string[]): Asked {
  return [LOCK_STATES, [tenant, textArray(subjects, (subject) => subject)]]
}

/** What `lockStates` answers: place (from 1) and state of each subject that has a state or a past. */
export function toLockedStates({ rows }: Answer): readonly (readonly [place: number, state: SubjectState])[] {
  const text = rows[0]?.[0] ?? ''
  if (text === '') return []
  return text.split(',').map((row) => {
    const [place, version, known = ''] = row.split(' ')
    return [Number(place), toSubjectState(Number(version), known)]
  })
}

function toSubjectState(version: number, known: string): SubjectState {
  if (version > 0) return { version, state: toBytes(known), hasHistory: true, mergedInto: null }
  const [past, merged] = known.split('m')
  const mergedInto = merged === undefined ? null : Buffer.from(merged, 'hex').toString()
  return { version, state: null, hasHistory: past === 'p', mergedInto }
}

const INSERT_STATES = statement(`with written as (
      insert into waymark.subject_state (tenant, subject, version, state)
      select $1, u.subject, 1, u.state from unnest($2::text[], $3::bytea[]) u(subject, state)
      on conflict do nothing
      returning true)
    select case when count(*) = $4 then true else waymark.refuse_stale() end from written`)

/**
 * Writes the first states of subjects; fails with `STALE` when one has a state by now. It does not wait for a lock on such a state: who
 * holds it may wait for a lock of this transaction.
 */
export function insertStates(tenant: string, states: readonly StateWrite[]): Asked {
  return [INSERT_STATES, [tenant, textArray(states, (row) => row.subject), byteaArray(states, (row) => row.state), states.length]]
}

const UPDATE_STATES = statement(`with written as (
      insert into waymark.subject_state as s (tenant, subject, version, state)
      select $1, u.subject, u.version, u.state from unnest($2::text[], $3::int4[], $4::bytea[]) u(subject, version, state)
      on conflict (tenant, subject) do update set version = excluded.version, state = excluded.state
        where s.version = excluded.version - 1
      returning s.xmax <> 0 as is_due)
    select case when count(*) filter (where is_due) = $5 then true else waymark.refuse_stale() end from written`)

/**
 * Writes states that this transaction has locked, where the version is still the expected one; fails with `STALE` when one is not. A row
 * that was updated has an `xmax`; one that was inserted, because it is gone, has none. (A join with the table could become a scan of it.)
 */
export function updateStates(tenant: string, states: readonly StateWrite[]): Asked {
  return [
    UPDATE_STATES,
    [
      tenant,
      textArray(states, (row) => row.subject),
      int4Array(states, (row) => row.expected + 1),
      byteaArray(states, (row) => row.state),
      states.length,
    ],
  ]
}

const INSERT_FACTS =
  statement(`insert into waymark.fact (tenant, subject, fact_id, name, track, run, step, cause_source, cause_id, occurred_at, data,
      flags, run_started_at, bucket)
    select $1, u.*
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int4[], $7::text[], $8::text[], $9::text[], $10::int8[], $11::text[],
      $12::int4[], $13::int8[], $14::int4[]) u
    on conflict do nothing`)

export function insertFacts(tenant: string, facts: readonly FactRow[]): Asked {
  return [
    INSERT_FACTS,
    [
      tenant,
      textArray(facts, (fact) => fact.subject),
      textArray(facts, (fact) => fact.factId),
      textArray(facts, (fact) => fact.name),
      textArray(facts, (fact) => fact.track),
      int4Array(facts, (fact) => fact.run),
      textArray(facts, (fact) => fact.step),
      textArray(facts, (fact) => fact.causeSource),
      textArray(facts, (fact) => fact.causeId),
      int8Array(facts, (fact) => fact.occurredAt),
      textArray(facts, (fact) => fact.data),
      int4Array(facts, toFlags),
      int8Array(facts, (fact) => fact.runStartedAt),
      int4Array(facts, toBucket),
    ],
  ]
}

const INSERT_REJECTED =
  statement(`insert into waymark.rejected (tenant, id, received_at, channel, key_id, event_id, name, problem, body)
    select $1, u.*
    from unnest($2::text[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) u
    on conflict do nothing`)

export function insertRejected(tenant: string, rows: readonly RejectedRow[]): Asked {
  return [
    INSERT_REJECTED,
    [
      tenant,
      textArray(rows, (row) => row.id),
      int8Array(rows, (row) => row.receivedAt),
      textArray(rows, (row) => row.channel),
      textArray(rows, (row) => row.keyId),
      textArray(rows, (row) => row.eventId),
      textArray(rows, (row) => row.name),
      textArray(rows, (row) => row.problem),
      textArray(rows, (row) => row.body),
    ],
  ]
}

// Locked in one order, so that two redrives of the same events wait for each other and do not deadlock.
const REDRIVE = unkept(`with due as materialized (
      select r.id, u.problem from unnest($2::text[], $3::text[]) u (id, problem)
      join waymark.rejected r on r.tenant = $1 and r.id = u.id order by r.id for update of r
    ), kept as (
      update waymark.rejected r set problem = due.problem from due where r.tenant = $1 and r.id = due.id and due.problem is not null
    )
    delete from waymark.rejected r using due where r.tenant = $1 and r.id = due.id and due.problem is null`)

/** Removes the rejected events that are stored now, and gives the others their new problem. */
export function redrive(tenant: string, rows: readonly RedrivenRow[]): Asked {
  return [REDRIVE, [tenant, textArray(rows, (row) => row.id), textArray(rows, (row) => row.problem)]]
}

const REMOVE_CHECKPOINTS =
  unkept(`delete from waymark.checkpoint c using unnest($2::text[], $3::text[], $4::int8[], $5::int8[]) u(subject, track, since, before)
    where c.tenant = $1 and c.subject = u.subject and c.track = u.track and c.at >= u.since and (u.before is null or c.at < u.before)`)

export function removeCheckpoints(tenant: string, ranges: readonly CheckpointRange[]): Asked {
  return [
    REMOVE_CHECKPOINTS,
    [
      tenant,
      textArray(ranges, (range) => range.subject),
      textArray(ranges, (range) => range.track),
      int8Array(ranges, (range) => range.from),
      int8Array(ranges, (range) => range.before),
    ],
  ]
}

const PUT_CHECKPOINTS = statement(`insert into waymark.checkpoint (tenant, subject, track, at, behaviour, state)
    select $1, u.* from unnest($2::text[], $3::text[], $4::int8[], $5::int8[], $6::bytea[]) u
    on conflict (tenant, subject, track, at) do update set behaviour = excluded.behaviour, state = excluded.state`)

export function putCheckpoints(tenant: string, rows: readonly CheckpointRow[]): Asked {
  return [
    PUT_CHECKPOINTS,
    [
      tenant,
      textArray(rows, (row) => row.subject),
      textArray(rows, (row) => row.track),
      int8Array(rows, (row) => row.at),
      int8Array(rows, (row) => row.behaviour),
      byteaArray(rows, (row) => row.state),
    ],
  ]
}

const BLANK_PAYLOADS = unkept(`update waymark.event e set payload = '', payload_format = 0
    from unnest($2::text[], $3::text[], $4::int8[]) u(subject, name, before)
    cross join lateral (
      select source, event_id from waymark.event
      where tenant = $1 and subject = u.subject and name = u.name and occurred_at < u.before and payload_format > 0 and kind = 'event'
      order by occurred_at limit 500) due
    where e.tenant = $1 and e.subject = u.subject and e.source = due.source and e.event_id = due.event_id`)

/** Takes the payload of events, of one name and subject so many as one statement can; the others are still to expire then. */
export function blankPayloads(tenant: string, expired: readonly ExpiredEvents[]): Asked {
  return [
    BLANK_PAYLOADS,
    [
      tenant,
      textArray(expired, (row) => row.subject),
      textArray(expired, (row) => row.name),
      int8Array(expired, (row) => row.before),
    ],
  ]
}
