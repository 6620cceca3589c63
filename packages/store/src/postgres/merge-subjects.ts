import type { Merge } from '@waymark/learning-journey/ports'
import { type Answer, type Connections, opened } from './connections.ts'
import { openedAtGate } from './gate.ts'
import { type Asked, statement, unkept } from './statement.ts'

type Outcome = 'merged' | 'duplicate' | 'conflict'

/** Moves the entries of a subject to another one, alone in the tenant's journal: no round adds some to either of them meanwhile. */
export async function mergeSubjects(connections: Connections, merge: Merge): Promise<Outcome> {
  return connections.patiently(async () => {
    // Most calls say again what is known: they hold nobody up.
    const before = await attempt(connections, merge, opened('waymark_app', merge.tenant), () => [])
    return before === 'merged' ? attempt(connections, merge, openedAtGate(merge.tenant, 'alone'), writesOf) : before
  })
}

async function attempt(
  connections: Connections,
  { tenant, from, into, mergedAt }: Merge,
  open: Asked,
  writes: (merge: Merge) => readonly Asked[],
): Promise<Outcome> {
  const { transaction, answers } = await connections.begin(open, [FIND, [tenant, from, into]])
  const [known, target] = (answers.at(-1) as Answer).rows[0] as readonly [string | null, string]
  const outcome = target === from || known === target ? 'duplicate' : known === null ? 'merged' : 'conflict'
  if (outcome === 'merged') await transaction.commit(...writes({ tenant, from, into: target, mergedAt }))
  else await transaction.rollback()
  return outcome
}

const FIND = statement(`select (select into_subject from waymark.merged where tenant = $1 and subject = $2),
    coalesce((select into_subject from waymark.merged where tenant = $1 and subject = $3), $3)`)

const COPIED =
  'source, event_id, kind, name, version, occurred_at, received_at, claimed_at, account, track, channel, key_id, body_hash, payload, payload_format'
const COPY = unkept(`insert into waymark.event (tenant, subject, actor, ${COPIED})
    select tenant, $3, coalesce(actor, $2), ${COPIED} from waymark.event where tenant = $1 and subject = $2
    on conflict do nothing`)
const DROPPED = ['event', 'subject_state', 'checkpoint', 'timer', 'enrolment'].map((table) =>
  unkept(`delete from waymark.${table} where tenant = $1 and subject = $2`),
)
const DROP_MEMBERSHIPS = unkept(`delete from waymark.membership where tenant = $1 and learner = substr($2, 3) and $2 like 'l:%'`)
const ALARM = unkept('insert into waymark.timer (tenant, subject, at) values ($1, $2, $3)')
const MOVE_ALIASES = unkept('update waymark.merged set into_subject = $3 where tenant = $1 and into_subject = $2')
const PUT = unkept('insert into waymark.merged (tenant, subject, into_subject, merged_at) values ($1, $2, $3, $4)')
const BUMP = unkept('update waymark.subject_state set version = version + 1 where tenant = $1 and subject = $2')

function writesOf({ tenant, from, into, mergedAt }: Merge): readonly Asked[] {
  return [
    [COPY, [tenant, from, into]],
    ...DROPPED.map((drop): Asked => [drop, [tenant, from]]),
    [DROP_MEMBERSHIPS, [tenant, from]],
    [ALARM, [tenant, from, mergedAt]],
    [MOVE_ALIASES, [tenant, from, into]],
    [PUT, [tenant, from, into, mergedAt]],
    [BUMP, [tenant, into]],
  ]
}
