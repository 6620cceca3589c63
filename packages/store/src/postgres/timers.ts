import type { JournalStore, SubjectKey } from '@waymark/learning-journey/ports'
import type { Connections } from './connections.ts'
import { type Asked, unkept } from './statement.ts'

/** The alarms of all tenants. Processes pass over those that another one is taking. */
export function createTimers(connections: Connections): Pick<JournalStore, 'claimTimers' | 'nextTimer'> {
  return {
    async claimTimers(due, until, count) {
      const [answer] = await connections.run('waymark_worker', '', claimTimers(due, until, count))
      return (answer?.rows ?? []).map(([tenant, subject]) => ({ tenant, subject }) as SubjectKey)
    },
    async nextTimer() {
      const [answer] = await connections.run('waymark_worker', '', [NEXT, []])
      const at = answer?.rows[0]?.[0] ?? null
      return at === null ? null : Number(at)
    },
  }
}

const CLAIM = unkept(`with due as materialized (
      select ctid as place, tenant, subject, at from waymark.timer where at <= $1 order by at limit $3 for update skip locked
    ), moved as (
      update waymark.timer set at = $2 where ctid = any(array(select place from due))
    )
    select tenant, subject from due order by at`)

export function claimTimers(due: number, until: number, count: number): Asked {
  return [CLAIM, [due, until, count]]
}

const NEXT = unkept('select min(at) from waymark.timer')
