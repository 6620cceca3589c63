import type { DatabaseSync } from 'node:sqlite'
import type { DerivedValues } from './calls.ts'

const ENROLMENT_VALUES = [
  'version',
  'status',
  'started_at',
  'completed_at',
  'ended_at',
  'percent',
  'open_step',
  'held_out',
  'changed_at',
]

/** Writes what a round derived beside states and facts; what is there already is not written again. */
export function createJourneyWrite(db: DatabaseSync) {
  const putTimer = db.prepare(
    `insert into timer (tenant, subject, at) values (?, ?, ?)
     on conflict do update set at = excluded.at where at <> excluded.at`,
  )
  const removeTimer = db.prepare('delete from timer where tenant = ? and subject = ?')
  const putEnrolment = db.prepare(
    `insert into enrolment (tenant, subject, track, run, ${ENROLMENT_VALUES.join(', ')}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set ${ENROLMENT_VALUES.map((name) => `${name} = excluded.${name}`).join(', ')}
     where (${ENROLMENT_VALUES.join(', ')}) is not (${ENROLMENT_VALUES.map((name) => `excluded.${name}`).join(', ')})`,
  )
  const putMembership = db.prepare(
    `insert into membership (tenant, learner, account, since, until) values (?, ?, ?, ?, ?)
     on conflict do update set until = excluded.until where until is not excluded.until`,
  )
  const addOutgoing = db.prepare(
    `insert into outgoing (tenant, subject, kind, source, event_id, event) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
  )
  return ({
    timers,
    enrolments,
    memberships,
    outgoing,
  }: Pick<DerivedValues, 'timers' | 'enrolments' | 'memberships' | 'outgoing'>): void => {
    for (const { tenant, subject, at } of timers) {
      if (at === null) removeTimer.run(tenant, subject)
      else putTimer.run(tenant, subject, at)
    }
    for (const { tenant, subject, track, run, version, status, startedAt, completedAt, endedAt, ...row } of enrolments) {
      const { percent, openStep, heldOut, changedAt } = row
      const values = [version, status, startedAt, completedAt, endedAt, percent, openStep, heldOut ? 1 : 0, changedAt]
      putEnrolment.run(tenant, subject, track, run, ...values)
    }
    for (const { tenant, learner, account, since, until } of memberships)
      putMembership.run(tenant, learner, account, since, until)
    for (const { tenant, subject, kind, source, eventId, event } of outgoing)
      addOutgoing.run(tenant, subject, kind, source, eventId, event)
  }
}
