import { z } from 'zod'
import { Moment } from './text.ts'

/** What a step looks like from outside. `closed`: another way was chosen. */
export const StepStatus = z.enum(['locked', 'open', 'completed', 'skipped', 'waived', 'closed', 'missed'])

const Link = z.object({ title: z.string().nullable(), href: z.string() })

const Step = z.object({
  stepId: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: StepStatus,
  required: z.boolean().describe('False: the track completes without it.'),
  skippable: z.boolean().describe('True: the learner may skip it.'),
  completedAt: Moment.nullable().describe('When it was completed, skipped, waived, closed or missed.'),
  opensAt: Moment.nullable().describe('When it opens or opened; null when it has no time of its own.'),
  dueAt: Moment.nullable(),
  branch: z.string().nullable().describe('The way that was chosen here.'),
  standing: z.boolean().describe('True when the completion was announced and a late event contradicts it.'),
  contradictedBy: z.object({ eventId: z.string(), sourceModule: z.string().nullable() }).nullable(),
  xp: z.int().min(0),
  action: Link.nullable().describe('Where the product lets a person do it.'),
  help: Link.nullable(),
})

const Streak = z.object({
  length: z.int().min(0),
  best: z.int().min(0),
  freezes: z.int().min(0),
  lastDay: z.string().nullable().describe('The last credited local date.'),
  creditedToday: z.boolean().describe('Whether the present date, as far as the clock of the track has come, is credited.'),
})

/** How far a run is. */
export const TrackStatus = z.enum(['not_enrolled', 'active', 'completed', 'missed', 'exited', 'reset'])

/** How far a subject is in one track. */
export const TrackProgress = z.object({
  trackId: z.string(),
  version: z.string(),
  title: z.string(),
  subject: z.enum(['learner', 'account']),
  status: TrackStatus,
  run: z.int().min(0).nullable().describe('Number of the newest run, from 0; null when there was none.'),
  startedAt: Moment.nullable(),
  completedAt: Moment.nullable(),
  endedAt: Moment.nullable(),
  percent: z.int().min(0).max(100).describe('Done steps of all required ones on the way of the subject, rounded down.'),
  dismissed: z.boolean().describe('True: the learner put it away.'),
  snoozedUntil: Moment.nullable().describe('Until when the learner put it away; it may have passed.'),
  streak: Streak.nullable(),
  steps: z.array(Step),
})

const Level = z
  .object({
    number: z.int().min(1),
    xp: z.int().min(0).describe('Experience points at which it began.'),
    nextAt: z.int().nullable().describe('At which the next one begins; null at the last one.'),
  })
  .nullable()
  .describe('Null where no levels are declared.')

/** How far a learner is. */
export const Progress = z.object({
  learnerId: z.string(),
  xp: z.int().describe('All xp.granted facts of the learner less all xp.revoked ones.'),
  level: Level,
  badges: z.array(z.string()),
  account: z
    .object({
      accountId: z.string(),
      xp: z.int().describe("What its tracks brought to the account; it is nobody's own."),
      level: Level,
      badges: z.array(z.string()),
    })
    .nullable()
    .describe(
      'The account that was named, or the only one of the learner; null without one, and where no track is about accounts.',
    ),
  tracks: z.array(TrackProgress),
})
