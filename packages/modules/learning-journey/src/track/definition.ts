import { z } from 'zod'
import type { TrackModel } from '../engine/index.ts'
import { AudienceSchema, ConditionSchema, matchFields, Pointer } from './condition-schema.ts'
import { contradictionsOf } from './contradictions.ts'
import { Duration, ElapsedDuration } from './duration-schema.ts'
import { type TrackIssue, toTrackIssues } from './track-issues.ts'

/**
 * The JSON form of a track, `waymark.track/1`. Every field has a behaviour; an unknown one is an error.
 */
const LONGEST_TEXT = 2_000
const LONGEST_LINK = 2_000
const MOST_STEPS = 200
const MOST_TRACKS = 50
const MOST_BRANCHES = 20
const MOST_POINTS = 1_000_000
const LAST_DAY = 366
const MOST_FREEZES = 100
/** Far above what a track can need: keeps the recursion of everything that follows short. */
const DEEPEST_DOCUMENT = 64

const Key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'Expected lower-case letters, digits and dashes, e.g. first-win')
const BranchOfStep = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}\.[a-z0-9][a-z0-9-]{0,63}$/, 'Expected a step and one of its branches, e.g. choose-plan.team')
const Text = z.union([
  z.string().min(1).max(LONGEST_TEXT),
  z.record(
    z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'Expected a locale such as en or pt-BR'),
    z.string().min(1).max(LONGEST_TEXT),
  ),
])
const Points = z.int().min(0).max(MOST_POINTS)
const Reward = z.strictObject({ xp: Points.optional(), badge: Key.optional() })
const Link = z.strictObject({
  title: Text.optional(),
  href: z
    .string()
    .max(LONGEST_LINK)
    .regex(
      /^(https?:\/\/[^\s\\/][^\s\\]*|\/(?!\/)[^\s\\]*)$/,
      'Expected a URL such as https://example.com/deals, or a path such as /deals',
    ),
})

const Enrol = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('onFirstMatch') }),
  z.strictObject({ mode: z.literal('explicit') }),
  z.strictObject({ mode: z.literal('onSegment') }),
  z.strictObject({ mode: z.literal('onEvent'), ...matchFields }),
])

const Reentry = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('never') }),
  z.strictObject({ mode: z.literal('afterExit') }),
  z.strictObject({ mode: z.literal('afterDuration'), wait: Duration.describe('From the end of the run before.') }),
  z.strictObject({
    mode: z.literal('perKey'),
    key: Pointer.describe('JSON Pointer into the payload of the event that starts a run: one run for each value there.'),
  }),
])

const Streak = z.strictObject({
  on: z.strictObject(matchFields).describe('What makes a day count.'),
  period: z.literal('day'),
  grace: ElapsedDuration.optional().describe('How long after local midnight a day still lasts; below 24 hours.'),
  freezes: z
    .strictObject({
      initial: z.int().min(0).max(MOST_FREEZES).optional().describe('Freezes at the start.'),
      earnEvery: z
        .int()
        .min(1)
        .max(LAST_DAY - 1)
        .optional()
        .describe('One more whenever the length is a multiple of this.'),
      cap: z.int().min(0).max(MOST_FREEZES).optional().describe('Most freezes held at once.'),
    })
    .optional(),
  xp: Points.optional().describe('Experience points for each day.'),
})

const TrackKeys = z.array(Key).min(1).max(MOST_TRACKS)
const StepKeys = z.array(Key).min(1).max(MOST_STEPS)
const branch = BranchOfStep.optional().describe('step.branch: the step belongs to that way.')
const Step = z.strictObject({
  key: Key,
  title: Text.optional(),
  description: Text.optional(),
  required: z.boolean().optional().describe('false: the track completes without it.'),
  skippable: z.boolean().optional().describe('true: the learner may skip it.'),
  after: z
    .union([
      z.strictObject({ all: StepKeys, branch }),
      z.strictObject({ any: StepKeys, branch }),
      z.strictObject({ branch: BranchOfStep }),
    ])
    .optional()
    .describe('What has to be satisfied first.'),
  opens: z
    .union([z.strictObject({ after: Duration }), z.strictObject({ onDay: z.int().min(1).max(LAST_DAY) })])
    .optional()
    .describe('When it opens, counted from the start of the run; the day of the start is day 1.'),
  due: z
    .strictObject({ after: Duration })
    .optional()
    .describe('Until when it can be completed, counted from the start of the run.'),
  complete: ConditionSchema,
  branches: z
    .array(z.strictObject({ key: Key, when: ConditionSchema.optional() }))
    .min(1)
    .max(MOST_BRANCHES)
    .optional()
    .describe('The ways on from here: the first whose when is met as the step is settled, else default.'),
  default: Key.optional(),
  reward: Reward.optional(),
  action: Link.optional().describe('Where the product lets a person do it.'),
  help: Link.optional().describe('Where it is explained.'),
})

/** The schema of a track in JSON or YAML. */
export const TrackSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; nothing else reads it.'),
    format: z.literal('waymark.track/1'),
    key: Key,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'Expected a version such as 1.0.0'),
    title: Text.optional(),
    description: Text.optional(),
    subject: z.enum(['learner', 'account']).optional().describe('Whose progress it is.'),
    audience: AudienceSchema.optional().describe('Traits that a subject must have when a run would start.'),
    enrol: Enrol.optional(),
    reentry: Reentry.optional().describe('Whether another run can follow a finished one.'),
    after: z
      .union([z.strictObject({ all: TrackKeys }), z.strictObject({ any: TrackKeys })])
      .optional()
      .describe('Tracks that have to be completed before a run can start.'),
    timezone: z.string().min(1).max(64).optional().describe('IANA zone of calendar days, where a subject has no trait timezone.'),
    lateness: Duration.optional().describe(
      'How much older than its arrival an event may be: an ISO 8601 duration, P7D when absent.',
    ),
    rewards: z.enum(['once', 'perRun']).optional().describe('once: a reward is granted once over all runs.'),
    completion: Reward.optional(),
    streak: Streak.optional().describe('Days in a row with an event.'),
    holdout: z.int().min(1).max(50).optional().describe('Per cent of subjects that are evaluated but shown and granted nothing.'),
    steps: z.array(Step).min(1).max(MOST_STEPS),
  })
  .meta({ title: 'Waymark track' })

export type ParsedTrack =
  | { readonly ok: true; readonly track: TrackModel }
  | { readonly ok: false; readonly issues: readonly TrackIssue[] }

/** Checks the shape of a track; the returned one is a frozen copy. Events, fields and cycles are for `lintTrack`. */
export function parseTrack(definition: unknown): ParsedTrack {
  if (isDeeper(definition, DEEPEST_DOCUMENT))
    return { ok: false, issues: [{ pointer: '', message: `The document is nested deeper than ${DEEPEST_DOCUMENT} levels` }] }
  const result = TrackSchema.safeParse(definition)
  if (!result.success) return { ok: false, issues: toTrackIssues(result.error, definition) }
  const { $schema: _, ...track } = result.data
  const issues = contradictionsOf(track)
  return issues.length > 0 ? { ok: false, issues } : { ok: true, track: freeze(track) as TrackModel }
}

function isDeeper(value: unknown, levels: number): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1)))
  )
}

function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freeze))
  if (typeof value !== 'object' || value === null) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, freeze(item)])))
}
