import type { JobRow, SubjectKey, TombstoneRow } from '@waymark/learning-journey/ports'
import { idsOf, toNeedles } from '../rejected-needles.ts'
import { int8Array, textArray } from './binary-array.ts'
import { type Connections, opened } from './connections.ts'
import { openedAtGate } from './gate.ts'
import { addedJob } from './jobs.ts'
import { bumpRevision } from './revision.ts'
import { type Asked, type Statement, unkept } from './statement.ts'

/**
 * Removes all that is known of subjects, in one transaction, alone in the journals of their tenants: no round adds something meanwhile,
 * and each that comes later finds another revision.
 */
export async function eraseSubjects(
  connections: Connections,
  subjects: readonly SubjectKey[],
  tombstones: readonly TombstoneRow[],
  jobs: readonly JobRow[] = [],
): Promise<void> {
  // In the order in which rounds pass the gates.
  const tenants = [...new Set([...subjects, ...tombstones].map(({ tenant }) => tenant))].sort()
  await connections.patiently(async () => {
    const { transaction } = await connections.begin()
    for (const tenant of tenants) {
      const own = subjects.filter((key) => key.tenant === tenant).map(({ subject }) => subject)
      const answers = await transaction.send(openedAtGate(tenant, 'alone'), [ALIASES, [tenant, texts(own)]])
      const all = [...own, ...(answers.at(-1)?.rows ?? []).map(([alias]) => alias as string)]
      const of = (statement: Statement, values: readonly string[]): Asked => [statement, [tenant, texts(values)]]
      await transaction.send(
        ...ERASED.map((statement) => of(statement, all)),
        of(FORGET_ACTOR, all),
        of(OF_LEARNER, idsOf('l', all)),
        of(OF_ACCOUNT, idsOf('a', all)),
        of(REJECTED, toNeedles(idsOf('l', all))),
        ...tombstones
          .filter((row) => row.tenant === tenant)
          .map(({ idHash }): Asked => [INBOX, [tenant, `${idHash}.`, `${idHash}/`]]),
        putTombstones(
          tenant,
          tombstones.filter((row) => row.tenant === tenant),
        ),
      )
    }
    await transaction.commit(opened('waymark_worker', ''), ...jobs.map(addedJob), bumpRevision)
  })
}

const ALIASES = unkept('select subject from waymark.merged where tenant = $1 and into_subject = any($2::text[])')
const ERASED = [
  ...['event', 'subject_state', 'checkpoint', 'fact', 'timer', 'enrolment', 'merged', 'outgoing', 'emitted'].map((table) =>
    unkept(`delete from waymark.${table} where tenant = $1 and subject = any($2::text[])`),
  ),
  unkept('delete from waymark.merged where tenant = $1 and into_subject = any($2::text[])'),
]
const FORGET_ACTOR = unkept(`update waymark.event set actor = null
    where tenant = $1 and subject >= 'a:' and subject < 'a;' and actor = any($2::text[])`)
const OF_LEARNER = unkept('delete from waymark.membership where tenant = $1 and learner = any($2::text[])')
const OF_ACCOUNT = unkept('delete from waymark.membership where tenant = $1 and account = any($2::text[])')
const REJECTED = unkept(`delete from waymark.rejected
    where tenant = $1 and exists (select from unnest($2::text[]) needle where strpos(body, needle) > 0)`)
/** The ids that begin with a hash and a dot; the slash comes next after it. */
const INBOX = unkept('delete from waymark.inbox where tenant = $1 and event_id >= $2 and event_id < $3')
const PUT_TOMBSTONES = unkept(`insert into waymark.tombstone as t (tenant, id_hash, erased_at)
    select $1, id_hash, max(erased_at) from unnest($2::text[], $3::int8[]) u(id_hash, erased_at) group by id_hash
    on conflict (tenant, id_hash) do update set erased_at = greatest(t.erased_at, excluded.erased_at)`)

function putTombstones(tenant: string, rows: readonly TombstoneRow[]): Asked {
  return [PUT_TOMBSTONES, [tenant, textArray(rows, (row) => row.idHash), int8Array(rows, (row) => row.erasedAt)]]
}

function texts(values: readonly string[]): Buffer {
  return textArray(values, (value) => value)
}
