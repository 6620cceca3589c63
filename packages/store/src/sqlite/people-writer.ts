/** Merges and erasures. The caller makes each call a transaction. */
import type { DatabaseSync } from 'node:sqlite'
import type { Merge, SubjectKey } from '@waymark/learning-journey/ports'
import { idsOf, toNeedles } from '../rejected-needles.ts'
import type { Calls } from './calls.ts'

const COPIED =
  'source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, track, channel, key_id, body_hash, payload, payload_format'

/** @param addJob adds a job within the open transaction. */
export function createPeopleWriter(db: DatabaseSync, addJob: Calls['addJob']) {
  const merge = createMerge(db)
  const erase = createErase(db)
  const putTombstone = db.prepare(
    `insert into tombstone (tenant, id_hash, erased_at) values (?, ?, ?)
     on conflict do update set erased_at = max(erased_at, excluded.erased_at)`,
  )
  const keepPosition = db.prepare(
    `insert into erased_position (tenant, position) select ?1, coalesce(max(position), 0) from fact where tenant = ?1
     on conflict do update set position = max(position, excluded.position)`,
  )
  // The ids that begin with a hash and a dot; the slash comes next after it.
  const forgetHandled = db.prepare('delete from inbox where tenant = ? and event_id >= ? and event_id < ?')
  const bumpRevision = db.prepare('update revision set value = value + 1')
  return {
    merge,
    erase({ subjects, tombstones, jobs }: Parameters<Calls['erase']>[0]): void {
      for (const { tenant } of subjects) keepPosition.run(tenant)
      for (const key of subjects) erase(key)
      for (const { tenant, idHash, erasedAt } of tombstones) {
        forgetHandled.run(tenant, `${idHash}.`, `${idHash}/`)
        putTombstone.run(tenant, idHash, erasedAt)
      }
      for (const job of jobs) addJob(job)
      bumpRevision.run()
    },
  } satisfies Partial<Calls>
}

function createMerge(db: DatabaseSync) {
  const find = db.prepare('select into_subject from merged where tenant = ? and subject = ?')
  const copy = db.prepare(
    `insert into event (tenant, subject, actor, ${COPIED})
     select tenant, ?3, coalesce(actor, ?2), ${COPIED} from event where tenant = ?1 and subject = ?2
     on conflict do nothing`,
  )
  const dropped = ['event', 'subject_state', 'checkpoint', 'timer', 'enrolment'].map((table) =>
    db.prepare(`delete from ${table} where tenant = ? and subject = ?`),
  )
  const dropMemberships = db.prepare(
    `delete from membership where tenant = ?1 and learner = substr(?2, 3) and substr(?2, 1, 2) = 'l:'`,
  )
  const moveAliases = db.prepare('update merged set into_subject = ?3 where tenant = ?1 and into_subject = ?2')
  const put = db.prepare('insert into merged (tenant, subject, into_subject, merged_at) values (?, ?, ?, ?)')
  const alarm = db.prepare('insert into timer (tenant, subject, at) values (?, ?, ?)')
  const bump = db.prepare('update subject_state set version = version + 1 where tenant = ? and subject = ?')

  return ({ tenant, from, into, mergedAt }: Merge): 'merged' | 'duplicate' | 'conflict' => {
    const known = find.get(tenant, from)?.into_subject
    const target = (find.get(tenant, into)?.into_subject ?? into) as string
    if (target === from || known === target) return 'duplicate'
    if (known !== undefined) return 'conflict'
    copy.run(tenant, from, target)
    for (const drop of [...dropped, dropMemberships]) drop.run(tenant, from)
    alarm.run(tenant, from, mergedAt)
    moveAliases.run(tenant, from, target)
    put.run(tenant, from, target, mergedAt)
    bump.run(tenant, target)
    return 'merged'
  }
}

function createErase(db: DatabaseSync) {
  const aliases = db.prepare('select subject from merged where tenant = ? and into_subject = ?')
  const ofSubject = [
    ...['event', 'subject_state', 'checkpoint', 'fact', 'timer', 'enrolment', 'merged', 'outgoing', 'emitted'].map((table) =>
      db.prepare(`delete from ${table} where tenant = ? and subject = ?`),
    ),
    db.prepare('delete from merged where tenant = ? and into_subject = ?'),
  ]
  const ofLearner = db.prepare('delete from membership where tenant = ? and learner = ?')
  const ofAccount = db.prepare('delete from membership where tenant = ? and account = ?')
  const forgetActor = db.prepare(
    "update event set actor = null where tenant = ? and subject >= 'a:' and subject < 'a;' and actor = ?",
  )
  const rejected = db.prepare('delete from rejected where tenant = ? and instr(body, ?) > 0')

  return ({ tenant, subject }: SubjectKey): void => {
    const all = [subject, ...aliases.all(tenant, subject).map((row) => row.subject as string)]
    for (const name of all) for (const statement of ofSubject) statement.run(tenant, name)
    for (const name of all) forgetActor.run(tenant, name)
    for (const learner of idsOf('l', all)) ofLearner.run(tenant, learner)
    for (const account of idsOf('a', all)) ofAccount.run(tenant, account)
    for (const needle of toNeedles(idsOf('l', all))) rejected.run(tenant, needle)
  }
}
