import type { JournalStore, TrackStatusRow, TrackVersionRow } from '@waymark/learning-journey/ports'
import type { Connections, Row } from './connections.ts'
import { bumpRevision, readRevision, toRevision } from './revision.ts'
import { statement } from './statement.ts'

type Tracks = 'readTrackVersions' | 'putTrackVersion' | 'readTrackStatus' | 'putTrackStatus' | 'readRevision'

/** What was published, and what is served of it. */
export function createTracks(connections: Connections): Pick<JournalStore, Tracks> {
  return {
    async readTrackVersions() {
      const [answer] = await connections.run('waymark_worker', '', [VERSIONS, []])
      return (answer?.rows ?? []).map(toTrackVersion)
    },
    async putTrackVersion(...rows) {
      const puts = rows.map(
        ({ tenant, key, version, contentHash, definition, publishedAt }) =>
          [PUT_VERSION, [tenant, key, version, contentHash, definition, publishedAt]] as const,
      )
      if (puts.length > 0) await connections.run('waymark_worker', '', ...puts, bumpRevision)
    },
    async readTrackStatus() {
      const [answer] = await connections.run('waymark_worker', '', [STATUS, []])
      return (answer?.rows ?? []).map(toTrackStatus)
    },
    async putTrackStatus({ key, status, version, policy, generation, changedAt }) {
      const put = [PUT_STATUS, [key, status, version, policy, generation, changedAt]] as const
      await connections.run('waymark_worker', '', put, bumpRevision)
    },
    async readRevision() {
      const [answer] = await connections.run('waymark_worker', '', readRevision)
      return toRevision(answer ?? { rows: [], count: 0 })
    },
  }
}

const VERSIONS = statement(`select tenant, key, version, content_hash, definition, published_at from waymark.track_version
    order by published_at, tenant, key, version`)

const PUT_VERSION =
  statement(`insert into waymark.track_version (tenant, key, version, content_hash, definition, published_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant, key, version, content_hash) do update set published_at = excluded.published_at`)

const STATUS = statement('select key, status, version, policy, generation, changed_at from waymark.track_status order by key')

const PUT_STATUS =
  statement(`insert into waymark.track_status (key, status, version, policy, generation, changed_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (key) do update set (status, version, policy, generation, changed_at) =
      (excluded.status, excluded.version, excluded.policy, excluded.generation, excluded.changed_at)`)

function toTrackVersion(row: Row): TrackVersionRow {
  const [tenant, key, version, contentHash, definition, publishedAt] = row
  return { tenant, key, version, contentHash, definition, publishedAt: Number(publishedAt) } as TrackVersionRow
}

function toTrackStatus(row: Row): TrackStatusRow {
  const [key, status, version, policy, generation, changedAt] = row
  return { key, status, version, policy, generation: Number(generation), changedAt: Number(changedAt) } as TrackStatusRow
}
