import { defineCommand, defineQuery, page } from '@waymark/contract'
import { z } from 'zod'
import { PUBLISHING_EXAMPLES } from './examples/publishing-examples.ts'
import { FACTS } from './facts.ts'
import { operationMeta } from './operation-meta.ts'
import { Id, Moment } from './text.ts'
import { TRACK_NOT_FOUND } from './track-errors.ts'

/** Versions of tracks: published, tried on real journals, rolled back, paused; and the jobs that bring everybody to them. */
const meta = <const Name extends keyof typeof PUBLISHING_EXAMPLES>(name: Name, description: string, goal: string) => ({
  ...operationMeta(name, 'publishing', {
    description,
    goal,
    context: 'Called by operators, by the CLI and by Studio. Tracks are the same for all tenants.',
  }),
  examples: PUBLISHING_EXAMPLES[name],
})

/** Who may change what is served. */
const policy = { auth: 'service', permissions: ['tracks:publish'] } as const

const Policy = z
  .enum(['carry', 'pin', 'restart', 'exit'])
  .describe(
    '`carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again.',
  )
const Definition = z.record(z.string(), z.unknown()).describe('A track in the format `waymark.track/1`.')
const JobId = z
  .string()
  .nullable()
  .describe('The backfill that brings everybody to it, see `getJob`; null when nothing is to do.')
const TrackStatus = z.enum(['active', 'paused', 'archived'])

const Finding = z.object({
  severity: z.enum(['warning', 'info']),
  code: z.string(),
  pointer: z.string(),
  message: z.string(),
})

const VERSION_TAKEN = {
  description: 'This version was published with another content',
  http: 409,
  gqlCode: 'VERSION_TAKEN',
  when: 'A published version never changes its content; give the change a new version',
  data: z.object({ trackId: z.string(), version: z.string() }),
} as const

const BACKFILL_RUNNING = {
  description: 'A backfill of the track is running',
  http: 409,
  gqlCode: 'BACKFILL_RUNNING',
  when: 'An earlier change is still on its way to everybody; wait for it, or cancel it',
  data: z.object({ trackId: z.string(), jobId: z.string() }),
} as const

const TRACK_PAUSED = {
  description: 'The track does not run',
  http: 409,
  gqlCode: 'TRACK_PAUSED',
  when: 'The track is paused, or for a backfill archived; resume it first',
  data: z.object({ trackId: z.string(), status: TrackStatus }),
} as const

const Published = z.object({
  success: z.literal(true),
  trackId: z.string(),
  version: z.string(),
  policy: Policy,
  published: z.boolean().describe('False when this version was served already.'),
  findings: z.array(Finding).describe('What the lint has to say; an error would have refused it.'),
  jobId: JobId,
})

export const PublishTrackContract = defineCommand({
  meta: meta('publishTrack', 'Publish a version of a track.', 'Change a live track, and bring everybody along.'),
  io: {
    input: z.object({ definition: Definition, policy: Policy.optional() }),
    output: Published,
    errors: { VERSION_TAKEN, BACKFILL_RUNNING, TRACK_PAUSED },
  },
  policy: { ...policy, destructive: true },
  emits: FACTS,
})

export const RollbackTrackContract = defineCommand({
  meta: meta('rollbackTrack', 'Serve an earlier version of a track again.', 'Undo a change of a live track.'),
  io: {
    input: z.object({
      trackId: Id,
      version: z
        .string()
        .max(32)
        .optional()
        .describe('The version that was published before the one that is served, when absent.'),
    }),
    output: Published,
    errors: {
      TRACK_NOT_FOUND,
      VERSION_NOT_FOUND: {
        description: 'There is no such version',
        http: 404,
        gqlCode: 'VERSION_NOT_FOUND',
        when: 'The track has no published version of this number, or none but the one that is served',
        data: z.object({ trackId: z.string(), version: z.string().nullable(), published: z.array(z.string()) }),
      },
      BACKFILL_RUNNING,
      TRACK_PAUSED,
    },
  },
  policy: { ...policy, destructive: true },
  emits: FACTS,
})

export const SetTrackStatusContract = defineCommand({
  meta: meta('setTrackStatus', 'Pause, resume or archive a track.', 'Stop a track without losing anything.'),
  io: {
    input: z.object({
      trackId: Id,
      status: TrackStatus.describe(
        '`paused`: starts no runs and fires no deadlines; what happens is kept. `archived`: not served at all. `active`: it goes on, with all that happened meanwhile.',
      ),
    }),
    output: z.object({
      success: z.literal(true),
      trackId: z.string(),
      version: z.string(),
      status: TrackStatus,
      changed: z.boolean(),
      jobId: JobId,
    }),
    errors: {
      TRACK_NOT_FOUND,
      TRACK_IN_USE: {
        description: 'Other tracks come after it',
        http: 409,
        gqlCode: 'TRACK_IN_USE',
        when: 'Tracks that name it in `after` would never start again; archive them first',
        data: z.object({ trackId: z.string(), by: z.array(z.string()) }),
      },
    },
  },
  policy,
  emits: FACTS,
})

const Tracked = z.object({
  trackId: z.string(),
  status: TrackStatus,
  version: z.string().describe('The version that is served, or was last.'),
  policy: Policy,
  served: z.boolean().describe('False when it is archived, or when this server lacks what it names.'),
  versions: z.array(z.object({ version: z.string(), publishedAt: Moment })).describe('Newest first.'),
})

export const ListTrackVersionsContract = defineQuery({
  meta: meta('listTrackVersions', 'List the published tracks with their versions.', 'See what is served, and what was.'),
  io: { input: z.object({}), output: page(Tracked) },
  policy: { auth: 'service' },
})

export const BackfillTrackContract = defineCommand({
  meta: meta('backfillTrack', 'Bring everybody up to date with a track.', 'Count what happened before the track was published.'),
  io: {
    input: z.object({ trackId: Id }),
    output: z.object({ success: z.literal(true), trackId: z.string(), version: z.string(), jobId: z.string() }),
    errors: { TRACK_NOT_FOUND, TRACK_PAUSED, BACKFILL_RUNNING },
  },
  policy,
  emits: FACTS,
})

export const DryRunTrackContract = defineCommand({
  meta: meta(
    'dryRunTrack',
    'Say what publishing a version would do, on the real journals.',
    'Know before: who would gain, who would lose, and what would be granted.',
  ),
  io: {
    input: z.object({
      definition: Definition,
      policy: Policy.optional(),
      sample: z
        .int()
        .min(1)
        .optional()
        .describe('Look at about so many subjects, evenly spread; at all of the tenant when absent.'),
    }),
    output: z.object({
      success: z.literal(true),
      trackId: z.string(),
      version: z.string(),
      jobId: z.string(),
      findings: z.array(Finding),
    }),
  },
  policy,
})

const Count = z.int().min(0)

export const DryRunReport = z.object({
  subjects: Count.describe('How many were looked at.'),
  enrolled: z.object({ before: Count, after: Count }),
  starting: Count.describe('Who would be enrolled and is not now.'),
  restarting: Count.describe('Whose open run would end and begin again.'),
  exiting: Count.describe('Whose open run would end.'),
  staying: Count.describe('Whose open run would stay on its version.'),
  steps: z
    .array(z.object({ stepId: z.string(), before: Count, after: Count, newly: Count }))
    .describe('Who has completed each step, and who would newly.'),
  completed: z.object({ before: Count, after: Count, newly: Count }).describe('The same of the whole track.'),
  standing: Count.describe('Who would keep a completion that the version does not give.'),
  percent: z.object({ up: Count, same: Count, down: Count }).describe('Of those enrolled before and after.'),
  xp: Count.describe('Experience points that would be granted.'),
  badges: z.array(z.object({ badge: z.string(), people: Count })),
})

const Job = z.object({
  jobId: z.string(),
  kind: z.enum(['backfill', 'dry-run']),
  trackId: z.string(),
  version: z.string(),
  status: z.enum(['running', 'done', 'cancelled']),
  done: Count.describe('Subjects that were looked at.'),
  total: Count.nullable().describe('How many there were as it began; null while they are counted.'),
  facts: Count.describe('Facts that a backfill brought.'),
  failed: Count.describe('Subjects that could not be looked at; the log says why.'),
  perSecond: z.number().min(0).nullable(),
  secondsLeft: z.int().min(0).nullable(),
  startedAt: Moment,
  updatedAt: Moment,
  report: DryRunReport.nullable().describe('Of a dry run: what it found so far.'),
})

const JOB_NOT_FOUND = {
  description: 'There is no such job',
  http: 404,
  gqlCode: 'JOB_NOT_FOUND',
  when: 'No job has this id',
} as const

export const GetJobContract = defineQuery({
  meta: meta('getJob', 'Say how far a backfill or a dry run is.', 'Follow long work, and read what came of it.'),
  io: { input: z.object({ jobId: z.string().max(256) }), output: Job, errors: { JOB_NOT_FOUND } },
  policy: { auth: 'service' },
})

export const ListJobsContract = defineQuery({
  meta: meta('listJobs', 'List backfills and dry runs, newest first.', 'See what is on its way.'),
  io: { input: z.object({ trackId: Id.optional() }), output: page(Job) },
  policy: { auth: 'service' },
})

export const CancelJobContract = defineCommand({
  meta: meta('cancelJob', 'Stop a backfill or a dry run.', 'End long work that is no longer wanted; what it did stays.'),
  io: {
    input: z.object({ jobId: z.string().max(256) }),
    output: z.object({ success: z.literal(true), cancelled: z.boolean().describe('False when it had ended already.') }),
    errors: { JOB_NOT_FOUND },
  },
  policy,
})

/** All of them. */
export const PUBLISHING = [
  PublishTrackContract,
  RollbackTrackContract,
  SetTrackStatusContract,
  ListTrackVersionsContract,
  BackfillTrackContract,
  DryRunTrackContract,
  GetJobContract,
  ListJobsContract,
  CancelJobContract,
] as const
