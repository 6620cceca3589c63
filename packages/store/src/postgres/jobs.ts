import type { JobRow, JournalStore } from '@waymark/learning-journey/ports'
import type { Connections, Row } from './connections.ts'
import { type Asked, unkept } from './statement.ts'

/** Long pieces of work. Processes pass over a job that another one is taking. */
export function createJobs(connections: Connections): Pick<JournalStore, 'readJobs' | 'addJob' | 'claimJob' | 'putJob'> {
  return {
    async readJobs() {
      const [answer] = await connections.run('waymark_worker', '', [READ, []])
      return (answer?.rows ?? []).map(toJob)
    },
    async addJob(job) {
      await connections.run('waymark_worker', '', addedJob(job))
    },
    async claimJob(kind, now, until) {
      const [answer] = await connections.run('waymark_worker', '', [CLAIM, [kind, now, until]])
      const [row] = answer?.rows ?? []
      return row === undefined ? null : toJob(row)
    },
    async putJob({ id, status, progress, updatedAt }, until) {
      const [answer] = await connections.run('waymark_worker', '', [PUT, [id, status, progress, updatedAt, until]])
      return answer?.count === 1
    },
  }
}

const COLUMNS = 'id, kind, status, spec, progress, created_at, updated_at'

const READ = unkept(`select ${COLUMNS} from waymark.job order by created_at desc, id desc`)

/** Adding it again changes nothing: the first time may have been committed by a connection that was lost. */
const ADD = unkept(
  `insert into waymark.job (${COLUMNS}, held_until) values ($1, $2, $3, $4, $5, $6, $7, 0) on conflict do nothing`,
)

export function addedJob({ id, kind, status, spec, progress, createdAt, updatedAt }: JobRow): Asked {
  return [ADD, [id, kind, status, spec, progress, createdAt, updatedAt]]
}

const CLAIM = unkept(`update waymark.job set held_until = $3 where id = (
      select id from waymark.job where kind = $1 and status = 'running' and held_until <= $2
      order by created_at, id limit 1 for update skip locked)
    returning ${COLUMNS}`)

const PUT = unkept(`update waymark.job set status = $2, progress = $3, updated_at = $4, held_until = $5
    where id = $1 and status = 'running'`)

function toJob(row: Row): JobRow {
  const [id, kind, status, spec, progress, createdAt, updatedAt] = row
  return { id, kind, status, spec, progress, createdAt: Number(createdAt), updatedAt: Number(updatedAt) } as JobRow
}
