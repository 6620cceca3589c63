import type { TrackModel } from '../engine/index.ts'
import type { JobRow, SubjectKey, TrackStatusRow } from '../ports/index.ts'
import type { Tally } from './tally.ts'

export type Policy = TrackStatusRow['policy']

/** What a job is about. */
interface About {
  readonly track: string
  readonly version: string
}

export interface DryRunSpec extends About {
  readonly tenant: string
  readonly definition: TrackModel
  readonly policy: Policy
  /** When it would be published. */
  readonly at: number
  /** About how many subjects to look at; null: all. */
  readonly sample: number | null
}

/** How far a job is. All subjects are counted first, and then looked at, page by page in their order. */
export interface Progress {
  readonly counted: number
  readonly isCounted: boolean
  /** The last subject that was counted, or after that the last one that was looked at. */
  readonly cursor: SubjectKey | null
  readonly done: number
  readonly facts: number
  readonly failed: number
  /** When the counting was over. */
  readonly since: number | null
  /** Of a dry run. */
  readonly tally?: Tally
}

const NO_PROGRESS: Progress = { counted: 0, isCounted: false, cursor: null, done: 0, facts: 0, failed: 0, since: null }

export const BACKFILL = 'backfill'
export const DRY_RUN = 'dry-run'

/** A job as it is added. */
export function newJob(kind: string, id: string, spec: About | DryRunSpec, now: number): JobRow {
  const progress = JSON.stringify(NO_PROGRESS)
  return { id, kind, status: 'running', spec: JSON.stringify(spec), progress, createdAt: now, updatedAt: now }
}

export function specOf<Spec extends About = About>({ spec }: JobRow): Spec {
  return JSON.parse(spec) as Spec
}

export function progressOf({ progress }: JobRow): Progress {
  return JSON.parse(progress) as Progress
}

/** The backfill of a track that is on its way. */
export function runningBackfill(jobs: readonly JobRow[], track: string): JobRow | undefined {
  return jobs.find((job) => job.kind === BACKFILL && job.status === 'running' && specOf(job).track === track)
}
