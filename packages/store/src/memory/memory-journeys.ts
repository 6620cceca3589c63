import type { JournalStore } from '@waymark/learning-journey/ports'
import { compareText } from '../compare-text.ts'
import { addJob, type HeldJob, oldestFirst, type Tables, toKey, toSubjectKey } from './tables.ts'

/** What the memory store does outside of rounds about alarms, people, tracks and jobs. Writes take turns with the rounds. */
export function createMemoryJourneys(tables: Tables, inTurn: <T>(work: () => T) => Promise<T>, assertOpen: () => void) {
  return {
    claimTimers: (due, until, count) =>
      inTurn(() => {
        const found = [...tables.timers.values()].filter(({ at }) => at <= due).sort((a, b) => a.at - b.at)
        return found.slice(0, count).map(({ tenant, subject }) => {
          tables.timers.set(toSubjectKey({ tenant, subject }), Object.freeze({ tenant, subject, at: until }))
          return { tenant, subject }
        })
      }),
    async nextTimer() {
      assertOpen()
      const times = [...tables.timers.values()].map(({ at }) => at)
      return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
    },
    async readMemberships(learners) {
      assertOpen()
      return [...tables.memberships.values()].filter((row) =>
        learners.some(({ tenant, learner }) => row.tenant === tenant && row.learner === learner),
      )
    },
    async readTrackVersions() {
      assertOpen()
      return [...tables.trackVersions.values()].sort(oldestFirst)
    },
    putTrackVersion: (...rows) =>
      inTurn(() => {
        for (const row of rows)
          tables.trackVersions.set(toKey(row.tenant, row.key, row.version, row.contentHash), Object.freeze({ ...row }))
        if (rows.length > 0) tables.revision += 1
      }),
    async readTrackStatus() {
      assertOpen()
      return [...tables.trackStatus.values()].sort((a, b) => compareText(a.key, b.key))
    },
    putTrackStatus: (row) =>
      inTurn(() => {
        tables.trackStatus.set(row.key, Object.freeze({ ...row }))
        tables.revision += 1
      }),
    async readJobs() {
      assertOpen()
      return byAge(tables)
        .reverse()
        .map(({ job }) => job)
    },
    addJob: (job) => inTurn(() => addJob(tables, job)),
    claimJob: (kind, now, until) =>
      inTurn(() => {
        const found = byAge(tables).find(
          ({ job, heldUntil }) => job.kind === kind && job.status === 'running' && heldUntil <= now,
        )
        if (found === undefined) return null
        tables.jobs.set(found.job.id, { ...found, heldUntil: until })
        return found.job
      }),
    putJob: ({ id, status, progress, updatedAt }, until) =>
      inTurn(() => {
        const job = tables.jobs.get(id)?.job
        if (job?.status !== 'running') return false
        tables.jobs.set(id, { job: Object.freeze({ ...job, status, progress, updatedAt }), heldUntil: until })
        return true
      }),
    async readRevision() {
      assertOpen()
      return tables.revision
    },
  } satisfies Partial<JournalStore>
}

/** Jobs, oldest first. */
function byAge(tables: Tables): HeldJob[] {
  return [...tables.jobs.values()].sort((a, b) => a.job.createdAt - b.job.createdAt || compareText(a.job.id, b.job.id))
}
