/**
 * The statements that write what a round derived beside states and facts. A row that is there already is not touched: most rounds change
 * neither an alarm nor an enrolment, and even an update that does nothing writes a lock into the row. Rows come in the order of their
 * keys and are locked in it.
 */
import type { EnrolmentRow, MembershipRow, OutgoingRow, TimerRow } from '@waymark/learning-journey/ports'
import { boolArray, int4Array, int8Array, textArray } from './binary-array.ts'
import { type Asked, statement } from './statement.ts'

const PUT_TIMERS = statement(`with fresh as materialized (
      select u.* from unnest($2::text[], $3::int8[]) u(subject, at)
      left join lateral (select at from waymark.timer where tenant = $1 and subject = u.subject limit 1) t on true
      where t.at is distinct from u.at
    ), gone as (
      delete from waymark.timer where tenant = $1 and subject = any(array(select subject from fresh where at is null))
    )
    insert into waymark.timer (tenant, subject, at) select $1, subject, at from fresh where at is not null
    on conflict (tenant, subject) do update set at = excluded.at`)

/** The next alarms of subjects, and the end of those that have none. */
export function putTimers(tenant: string, rows: readonly TimerRow[]): Asked {
  return [PUT_TIMERS, [tenant, textArray(rows, (row) => row.subject), int8Array(rows, (row) => row.at)]]
}

const ENROLMENT_VALUES = 'version, status, started_at, completed_at, ended_at, percent, open_step, held_out, changed_at'

const PUT_ENROLMENTS = statement(`insert into waymark.enrolment (tenant, subject, track, run, ${ENROLMENT_VALUES})
    select $1, u.*
    from unnest($2::text[], $3::text[], $4::int4[], $5::text[], $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::int4[], $11::text[],
      $12::bool[], $13::int8[]) u(subject, track, run, ${ENROLMENT_VALUES})
    left join lateral (
      select (${ENROLMENT_VALUES}) is not distinct from (${qualified('u')}) as is_same
      from waymark.enrolment where tenant = $1 and subject = u.subject and track = u.track and run = u.run limit 1) old on true
    where old.is_same is not true
    on conflict (tenant, subject, track, run) do update set (${ENROLMENT_VALUES}) = (${qualified('excluded')})`)

function qualified(table: string): string {
  return ENROLMENT_VALUES.replaceAll(/\w+/g, `${table}.$&`)
}

export function putEnrolments(tenant: string, rows: readonly EnrolmentRow[]): Asked {
  return [
    PUT_ENROLMENTS,
    [
      tenant,
      textArray(rows, (row) => row.subject),
      textArray(rows, (row) => row.track),
      int4Array(rows, (row) => row.run),
      textArray(rows, (row) => row.version),
      textArray(rows, (row) => row.status),
      int8Array(rows, (row) => row.startedAt),
      int8Array(rows, (row) => row.completedAt),
      int8Array(rows, (row) => row.endedAt),
      int4Array(rows, (row) => row.percent),
      textArray(rows, (row) => row.openStep),
      boolArray(rows, (row) => row.heldOut),
      int8Array(rows, (row) => row.changedAt),
    ],
  ]
}

const PUT_MEMBERSHIPS = statement(`insert into waymark.membership (tenant, learner, account, since, until)
    select $1, u.*
    from unnest($2::text[], $3::text[], $4::int8[], $5::int8[]) u(learner, account, since, until)
    left join lateral (
      select until is not distinct from u.until as is_same from waymark.membership
      where tenant = $1 and learner = u.learner and account = u.account and since = u.since limit 1) old on true
    where old.is_same is not true
    on conflict (tenant, learner, account, since) do update set until = excluded.until`)

export function putMemberships(tenant: string, rows: readonly MembershipRow[]): Asked {
  return [
    PUT_MEMBERSHIPS,
    [
      tenant,
      textArray(rows, (row) => row.learner),
      textArray(rows, (row) => row.account),
      int8Array(rows, (row) => row.since),
      int8Array(rows, (row) => row.until),
    ],
  ]
}

const ADD_OUTGOING = statement(`insert into waymark.outgoing (tenant, subject, kind, source, event_id, event)
    select $1, u.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) u(subject, kind, source, event_id, event)
    on conflict (tenant, subject, kind, source, event_id) do nothing`)

export function addOutgoing(tenant: string, rows: readonly OutgoingRow[]): Asked {
  const names = ['subject', 'kind', 'source', 'eventId', 'event'] as const
  return [ADD_OUTGOING, [tenant, ...names.map((name) => textArray(rows, (row) => row[name]))]]
}
