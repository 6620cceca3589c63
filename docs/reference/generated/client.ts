// Made of contracts by `waymark contracts client`: change those, and make it again.
import type { ClientContract, Typed, TypedPage, TypedStream } from '@waymark/surface/client'

export type LearningOnboardingBackfillTrackInput = {
  trackId: string
}

export type LearningOnboardingBackfillTrackOutput = {
  success: true
  trackId: string
  version: string
  jobId: string
}

export type LearningOnboardingBackfillTrackTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingBackfillTrackTrackPausedData = {
  trackId: string
  status: 'active' | 'paused' | 'archived'
}

export type LearningOnboardingBackfillTrackBackfillRunningData = {
  trackId: string
  jobId: string
}

/** Bring everybody up to date with a track. */
export const learningOnboardingBackfillTrack = {
  kind: 'command',
  meta: { key: 'learning.onboarding.backfillTrack', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, TRACK_PAUSED: {}, BACKFILL_RUNNING: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.backfillTrack',
  '1.0.0',
  Typed<LearningOnboardingBackfillTrackInput>,
  Typed<LearningOnboardingBackfillTrackOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingBackfillTrackTrackNotFoundData> }
    TRACK_PAUSED: { data: Typed<LearningOnboardingBackfillTrackTrackPausedData> }
    BACKFILL_RUNNING: { data: Typed<LearningOnboardingBackfillTrackBackfillRunningData> }
  }
>

export type LearningOnboardingCancelJobInput = {
  jobId: string
}

export type LearningOnboardingCancelJobOutput = {
  success: true
  /** False when it had ended already. */
  cancelled: boolean
}

/** Stop a backfill or a dry run. */
export const learningOnboardingCancelJob = {
  kind: 'command',
  meta: { key: 'learning.onboarding.cancelJob', version: '1.0.0' },
  io: { errors: { JOB_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.cancelJob',
  '1.0.0',
  Typed<LearningOnboardingCancelJobInput>,
  Typed<LearningOnboardingCancelJobOutput>,
  {
    JOB_NOT_FOUND: Record<never, never>
  }
>

export type LearningOnboardingDismissInput = {
  learnerId: string
  /** A track about learners or about accounts: only this learner stops seeing it. */
  trackId: string
  /** True: shows it again. */
  undo?: boolean | undefined
}

export type LearningOnboardingDismissOutput = {
  success: true
  /** False when it was so already. */
  changed: boolean
  dismissed: boolean
  snoozedUntil: string | null
}

export type LearningOnboardingDismissTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Hide a track from a learner, or show it again. */
export const learningOnboardingDismiss = {
  kind: 'command',
  meta: { key: 'learning.onboarding.dismiss', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.dismiss',
  '1.0.0',
  Typed<LearningOnboardingDismissInput>,
  Typed<LearningOnboardingDismissOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingDismissTrackNotFoundData> }
  }
>

export type LearningOnboardingDryRunTrackInput = {
  /** A track in the format `waymark.track/1`. */
  definition: Record<string, unknown>
  /** `carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again. */
  policy?: 'carry' | 'pin' | 'restart' | 'exit' | undefined
  /** Look at about so many subjects, evenly spread; at all of the tenant when absent. */
  sample?: number | undefined
}

export type LearningOnboardingDryRunTrackOutput = {
  success: true
  trackId: string
  version: string
  jobId: string
  findings: ({
    severity: 'warning' | 'info'
    code: string
    pointer: string
    message: string
  })[]
}

/** Say what publishing a version would do, on the real journals. */
export const learningOnboardingDryRunTrack = {
  kind: 'command',
  meta: { key: 'learning.onboarding.dryRunTrack', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.dryRunTrack',
  '1.0.0',
  Typed<LearningOnboardingDryRunTrackInput>,
  Typed<LearningOnboardingDryRunTrackOutput>,
  Record<never, never>
>

export type LearningOnboardingEnrollInput = {
  /** Who starts; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  /** Start of the run; now when absent. Only services and operators may set it. */
  at?: string | undefined
}

export type LearningOnboardingEnrollOutput = {
  success: true
  /** True when this call started a run. */
  enrolled: boolean
  /** Null when it did. `already_enrolled`: a run is open; `audience`: the traits are not those that the track asks for; `track_first`: another track has to be completed first; `reentry`: there was a run, and the track takes nobody (yet) again; `paused`: it takes effect as the track goes on; `evidence_expired`: what happened at that time is no longer kept. */
  reason: 'already_enrolled' | 'audience' | 'track_first' | 'reentry' | 'paused' | 'evidence_expired' | null
  /** Start of the newest run; null when there was none. */
  startedAt: string | null
  /** Number of the newest run, from 0. */
  run: number | null
  xpEarned: number
}

export type LearningOnboardingEnrollTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Start a run of a track for a learner or an account. */
export const learningOnboardingEnroll = {
  kind: 'command',
  meta: { key: 'learning.onboarding.enroll', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, ENROLMENT_NOT_EXPLICIT: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.enroll',
  '1.0.0',
  Typed<LearningOnboardingEnrollInput>,
  Typed<LearningOnboardingEnrollOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingEnrollTrackNotFoundData> }
    ENROLMENT_NOT_EXPLICIT: Record<never, never>
  }
>

export type LearningOnboardingEnrollManyInput = {
  trackId: string
  learnerIds: string[]
  /** Start of the runs; now when absent. */
  at?: string | undefined
}

export type LearningOnboardingEnrollManyOutput = {
  success: true
  /** How many runs this call started. */
  enrolled: number
  /** In the order of `learnerIds`; one that comes twice is answered once. */
  results: ({
    learnerId: string
    /** `already_enrolled`: a run is open; `audience`: the traits are not those that the track asks for; `track_first`: another track has to be completed first; `reentry`: there was a run, and the track takes nobody (yet) again; `paused`: it takes effect as the track goes on; `evidence_expired`: what happened at that time is no longer kept. `conflict`: the Idempotency-Key was used before for something else; `erased`: forgotten after `at`. */
    status: 'enrolled' | 'already_enrolled' | 'audience' | 'track_first' | 'reentry' | 'paused' | 'evidence_expired' | 'conflict' | 'erased'
    startedAt: string | null
  })[]
}

export type LearningOnboardingEnrollManyTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Start a run of a track for up to 500 learners, each with a status of its own. */
export const learningOnboardingEnrollMany = {
  kind: 'command',
  meta: { key: 'learning.onboarding.enrollMany', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, ENROLMENT_NOT_EXPLICIT: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.enrollMany',
  '1.0.0',
  Typed<LearningOnboardingEnrollManyInput>,
  Typed<LearningOnboardingEnrollManyOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingEnrollManyTrackNotFoundData> }
    ENROLMENT_NOT_EXPLICIT: Record<never, never>
  }
>

export type LearningOnboardingEraseLearnerInput = {
  learnerId: string
  /** Why; nothing of it is kept here, the answer repeats it for your records. */
  reason: string
}

export type LearningOnboardingEraseLearnerOutput = {
  success: true
  erasedAt: string
  reason: string
  /** How much there was. */
  erased: {
    entries: number
    facts: number
    enrolments: number
    memberships: number
    merges: number
    rejected: number
  }
}

/** Forget a person, under all ids that are theirs. */
export const learningOnboardingEraseLearner = {
  kind: 'command',
  meta: { key: 'learning.onboarding.eraseLearner', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.eraseLearner',
  '1.0.0',
  Typed<LearningOnboardingEraseLearnerInput>,
  Typed<LearningOnboardingEraseLearnerOutput>,
  Record<never, never>
>

export type LearningOnboardingExitInput = {
  /** Whose run it is; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  /** Why; it is kept in the journal and told in the fact. */
  reason?: string | undefined
}

export type LearningOnboardingExitOutput = {
  success: true
  /** False when it was so already, or when the track is paused: then it takes effect as it goes on. */
  changed: boolean
  /** How the newest run stands now. */
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  run: number | null
  percent: number
  /** Experience points that this call brought. */
  xpEarned: number
}

export type LearningOnboardingExitTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingExitNotEnrolledData = {
  trackId: string
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
}

/** End the open run of a track. */
export const learningOnboardingExit = {
  kind: 'command',
  meta: { key: 'learning.onboarding.exit', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, NOT_ENROLLED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.exit',
  '1.0.0',
  Typed<LearningOnboardingExitInput>,
  Typed<LearningOnboardingExitOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingExitTrackNotFoundData> }
    NOT_ENROLLED: { data: Typed<LearningOnboardingExitNotEnrolledData> }
  }
>

export type LearningOnboardingExplainInput = {
  learnerId: string
  /** One track; all tracks when absent. */
  trackId?: string | undefined
  /** One step. Without an event, its nearest misses are found too. */
  stepId?: string | undefined
  /** The account whose tracks are meant; when absent the one account of the learner. A recorded event has its own. */
  accountId?: string | undefined
  /** A recorded event. Without any event every step is explained as it stands now. */
  eventId?: string | undefined
  /** Source of that event, where ids of several sources could be equal. */
  sourceModule?: string | '' | undefined
  /** An event that did not happen: what it would do if it were reported now. */
  event?: {
    /** Key of the event contract, e.g. `deal.created`. */
    eventName: string
    /** What the event contract says; `{}` when absent. */
    eventPayload?: Record<string, unknown> | undefined
    /** When it happened; the time of receipt when absent, or when more than five minutes ahead of it. */
    occurredAt?: string | undefined
    /** Which part of the product reports it. Ids are unique within it. */
    sourceModule?: string | undefined
    /** Major or full version of the event contract; the latest when absent. */
    eventVersion?: string | undefined
  } | undefined
}

export type LearningOnboardingExplainOutput = {
  event: {
    /** Null when the event is hypothetical. */
    eventId: string | null
    sourceModule: string | null
    eventName: string
    eventVersion: string
    occurredAt: string
    receivedAt: string
    claimedAt: string | null
    channel: string
  } | null
  /** With an event: its verdict for each step that listens to it. */
  outcomes: ({
    trackId: string
    stepId: string
    verdict: 'completed' | 'progressed' | 'unchanged'
    /** Null when completed. */
    reason: 'count_short' | 'condition_false' | 'window_expired' | 'before_start' | 'prerequisite' | 'not_open_yet' | 'branch_closed' | 'already_done' | 'consumed' | 'missed' | 'too_late' | 'not_enrolled' | 'audience' | 'exited' | 'paused' | 'source_untrusted' | 'version_unsupported' | 'evidence_expired' | null
    detail: LearningOnboardingExplainOutput_ConditionDetail
  })[]
  /** Without an event: each step as it stands now. */
  steps: ({
    trackId: string
    stepId: string
    status: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
    /** True: it was announced as completed, and a late event contradicts it. */
    standing: boolean
    detail: LearningOnboardingExplainOutput_ConditionDetail
    /** All that has to come before it is completed; empty when it is settled for good. */
    missing: LearningOnboardingExplainOutput_MissingPart[]
    /** With `stepId`: the last events that almost counted for it, newest first; at most five. */
    nearMisses: ({
      eventId: string
      sourceModule: string | null
      eventName: string
      occurredAt: string
      reason: 'count_short' | 'condition_false' | 'window_expired' | 'before_start' | 'prerequisite' | 'not_open_yet' | 'branch_closed' | 'already_done' | 'consumed' | 'missed' | 'too_late' | 'not_enrolled' | 'audience' | 'exited' | 'paused' | 'source_untrusted' | 'version_unsupported' | 'evidence_expired'
      /** The one check that refused it; null when it was like what the step wants. */
      check: {
        check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
        met: boolean
        operator: string
        expected: unknown
        /** Null when there is no value. */
        actual: unknown
        /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
        from: string
      } | null
    })[]
  })[]
  /** The tracks of these outcomes or steps, as they stand now. */
  tracks: ({
    trackId: string
    version: string
    subject: 'learner' | 'account'
    status: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
    enrolment: 'onFirstMatch' | 'onEvent' | 'explicit' | 'onSegment'
    startedAt: string | null
    endedAt: string | null
    /** True: nothing counts until it is resumed. */
    paused: boolean
    /** True: it is evaluated, but nothing is granted or shown. */
    heldOut: boolean
    /** What it asks of the traits before a run starts; empty when it is for everybody. */
    audience: ({
      check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
      met: boolean
      operator: string
      expected: unknown
      /** Null when there is no value. */
      actual: unknown
      /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
      from: string
    })[]
    /** The tracks that come first. */
    after: {
      any: boolean
      tracks: ({
        trackId: string
        met: boolean
      })[]
    } | null
  })[]
}

export type LearningOnboardingExplainOutput_ConditionDetail = LearningOnboardingExplainOutput_ConditionAfter | LearningOnboardingExplainOutput_ConditionBranch | LearningOnboardingExplainOutput_ConditionTime | LearningOnboardingExplainOutput_ConditionTrait | LearningOnboardingExplainOutput_ConditionGroup | LearningOnboardingExplainOutput_ConditionEvent

export type LearningOnboardingExplainOutput_ConditionAfter = {
  node: 'after'
  met: boolean
  /** True when one of the steps is enough. */
  any: boolean
  steps: ({
    stepId: string
    met: boolean
  })[]
}

export type LearningOnboardingExplainOutput_ConditionBranch = {
  node: 'branch'
  met: boolean
  /** The step at which the way is chosen. */
  stepId: string
  expected: string
  /** The branch that was chosen; null before. */
  actual: string | null
}

export type LearningOnboardingExplainOutput_ConditionTime = {
  node: 'opens' | 'due'
  met: boolean
  /** Null while there is no run to count from. */
  at: string | null
}

export type LearningOnboardingExplainOutput_ConditionTrait = {
  node: 'trait'
  met: boolean
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingExplainOutput_ConditionGroup = {
  node: 'all' | 'any' | 'sequence'
  met: boolean
  /** JSON Pointer whose values tell groups of events apart; null when there are none. */
  correlate: string | null
  /** The group that is nearest; the parts are its own. */
  group: string | null
  parts: LearningOnboardingExplainOutput_ConditionDetail[]
}

export type LearningOnboardingExplainOutput_ConditionEvent = {
  node: 'event'
  event: string
  met: boolean
  /** How many events the condition wants, or with `sumOf` what they have to add up to. */
  expected: number
  /** How many were counted, or what they add up to. */
  actual: number
  distinctBy: string | null
  sumOf: string | null
  /** The last moment at which an event counts; null without a window. */
  until: string | null
  /** Within how long all of them have to be, as an ISO 8601 duration. */
  sliding: string | null
  /** What the condition asks of the explained event; empty when it is about another one. */
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingExplainOutput_MissingPart = {
  kind: 'event'
  event: string
  /** How many more events, or with `sumOf` how much more. */
  more: number
  distinctBy: string | null
  sumOf: string | null
  /** The last moment at which one counts; null without a window. */
  until: string | null
  sliding: string | null
} | {
  kind: 'trait'
  /** JSON Pointer into the traits. */
  trait: string
  operator: string
  expected: unknown
  /** Null when there is no value. */
  actual: unknown
} | {
  kind: 'steps'
  stepIds: string[]
  /** True when one of them is enough. */
  any: boolean
} | {
  kind: 'branch'
  stepId: string
  expected: string
  /** The branch that was chosen; null before. */
  actual: string | null
} | {
  /** `opens`: it opens then; `due`: it was due then. */
  kind: 'opens' | 'due'
  /** Null while there is no run to count from. */
  at: string | null
} | {
  kind: 'run'
  /** Why no run is open in which the step could be done; `prerequisite`: another track comes first. */
  reason: 'not_enrolled' | 'audience' | 'prerequisite' | 'completed' | 'missed' | 'exited' | 'reset' | 'paused'
} | LearningOnboardingExplainOutput_MissingChoice

export type LearningOnboardingExplainOutput_MissingChoice = {
  kind: 'oneOf'
  options: LearningOnboardingExplainOutput_MissingPart[][]
}

export type LearningOnboardingExplainTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingExplainStepNotFoundData = {
  /** The step id or event name. */
  sought: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Explain what an event did to each step, what it would do, or what the steps of a learner still want. */
export const learningOnboardingExplain = {
  kind: 'query',
  meta: { key: 'learning.onboarding.explain', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, STEP_NOT_FOUND: {}, EVENT_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.explain',
  '1.0.0',
  Typed<LearningOnboardingExplainInput>,
  Typed<LearningOnboardingExplainOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingExplainTrackNotFoundData> }
    STEP_NOT_FOUND: { data: Typed<LearningOnboardingExplainStepNotFoundData> }
    EVENT_NOT_FOUND: Record<never, never>
  }
>

export type LearningOnboardingExportLearnerInput = {
  learnerId: string
  /** Where to go on: the `cursor` of the last item that came. From now on when absent. */
  after?: string | undefined
}

export type LearningOnboardingExportLearnerItem = {
  /** Sent as `after`, the export goes on behind the item, as long as nothing new was recorded. */
  cursor: string
  part: 'entries' | 'facts' | 'enrolments' | 'memberships' | 'merges' | 'rejected' | 'manifest'
  /** A row as it is stored; times are epoch milliseconds. The manifest has `learnerId`, `generatedAt`, and for each part `count` and `sha256`. */
  data: Record<string, unknown>
}

/** Give out everything that is kept of a person. */
export const learningOnboardingExportLearner = {
  kind: 'query',
  meta: { key: 'learning.onboarding.exportLearner', version: '1.0.0' },
  io: { output: { '~stream': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.exportLearner',
  '1.0.0',
  Typed<LearningOnboardingExportLearnerInput>,
  TypedStream<LearningOnboardingExportLearnerItem>,
  Record<never, never>
>

export type LearningOnboardingFunnelInput = {
  trackId: string
  /** Only runs that started on this day (UTC) or later. */
  from?: string | undefined
  /** Only runs that started on this day (UTC) or earlier. */
  to?: string | undefined
}

export type LearningOnboardingFunnelOutput = {
  trackId: string
  /** Everybody, and beside them those who are set apart for comparison, where there are any. */
  groups: ({
    holdout: boolean
    enrolled: number
    completed: number
    missed: number
    exited: number
    steps: ({
      stepId: string
      completed: number
      skipped: number
      waived: number
      missed: number
      /** Completed, skipped and waived of all that enrolled. */
      share: number
    })[]
  })[]
}

export type LearningOnboardingFunnelTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Count how many runs of a track began, completed each step, and ended. */
export const learningOnboardingFunnel = {
  kind: 'query',
  meta: { key: 'learning.onboarding.funnel', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.funnel',
  '1.0.0',
  Typed<LearningOnboardingFunnelInput>,
  Typed<LearningOnboardingFunnelOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingFunnelTrackNotFoundData> }
  }
>

export type LearningOnboardingGetJobInput = {
  jobId: string
}

export type LearningOnboardingGetJobOutput = {
  jobId: string
  kind: 'backfill' | 'dry-run'
  trackId: string
  version: string
  status: 'running' | 'done' | 'cancelled'
  /** Subjects that were looked at. */
  done: number
  /** How many there were as it began; null while they are counted. */
  total: number | null
  /** Facts that a backfill brought. */
  facts: number
  /** Subjects that could not be looked at; the log says why. */
  failed: number
  perSecond: number | null
  secondsLeft: number | null
  startedAt: string
  updatedAt: string
  /** Of a dry run: what it found so far. */
  report: {
    /** How many were looked at. */
    subjects: number
    enrolled: {
      before: number
      after: number
    }
    /** Who would be enrolled and is not now. */
    starting: number
    /** Whose open run would end and begin again. */
    restarting: number
    /** Whose open run would end. */
    exiting: number
    /** Whose open run would stay on its version. */
    staying: number
    /** Who has completed each step, and who would newly. */
    steps: ({
      stepId: string
      before: number
      after: number
      newly: number
    })[]
    /** The same of the whole track. */
    completed: {
      before: number
      after: number
      newly: number
    }
    /** Who would keep a completion that the version does not give. */
    standing: number
    /** Of those enrolled before and after. */
    percent: {
      up: number
      same: number
      down: number
    }
    /** Experience points that would be granted. */
    xp: number
    badges: ({
      badge: string
      people: number
    })[]
  } | null
}

/** Say how far a backfill or a dry run is. */
export const learningOnboardingGetJob = {
  kind: 'query',
  meta: { key: 'learning.onboarding.getJob', version: '1.0.0' },
  io: { errors: { JOB_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.getJob',
  '1.0.0',
  Typed<LearningOnboardingGetJobInput>,
  Typed<LearningOnboardingGetJobOutput>,
  {
    JOB_NOT_FOUND: Record<never, never>
  }
>

export type LearningOnboardingGetProgressInput = {
  learnerId: string
  /** Whose tracks about accounts are shown; the only account of the learner when absent. */
  accountId?: string | undefined
  /** One track, hidden or not; all tracks with a run when absent. */
  trackId?: string | undefined
  /** True: also the tracks that the learner dismissed or snoozed. */
  hidden?: boolean | undefined
  /** BCP 47. A text that has none for it comes in its language, in English, or in its first locale. */
  locale?: string | undefined
}

export type LearningOnboardingGetProgressOutput = {
  learnerId: string
  /** All xp.granted facts of the learner less all xp.revoked ones. */
  xp: number
  /** Null where no levels are declared. */
  level: {
    number: number
    /** Experience points at which it began. */
    xp: number
    /** At which the next one begins; null at the last one. */
    nextAt: number | null
  } | null
  badges: string[]
  /** The account that was named, or the only one of the learner; null without one, and where no track is about accounts. */
  account: {
    accountId: string
    /** What its tracks brought to the account; it is nobody's own. */
    xp: number
    /** Null where no levels are declared. */
    level: {
      number: number
      /** Experience points at which it began. */
      xp: number
      /** At which the next one begins; null at the last one. */
      nextAt: number | null
    } | null
    badges: string[]
  } | null
  tracks: ({
    trackId: string
    version: string
    title: string
    subject: 'learner' | 'account'
    status: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
    /** Number of the newest run, from 0; null when there was none. */
    run: number | null
    startedAt: string | null
    completedAt: string | null
    endedAt: string | null
    /** Done steps of all required ones on the way of the subject, rounded down. */
    percent: number
    /** True: the learner put it away. */
    dismissed: boolean
    /** Until when the learner put it away; it may have passed. */
    snoozedUntil: string | null
    streak: {
      length: number
      best: number
      freezes: number
      /** The last credited local date. */
      lastDay: string | null
      /** Whether the present date, as far as the clock of the track has come, is credited. */
      creditedToday: boolean
    } | null
    steps: ({
      stepId: string
      title: string
      description: string | null
      status: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
      /** False: the track completes without it. */
      required: boolean
      /** True: the learner may skip it. */
      skippable: boolean
      /** When it was completed, skipped, waived, closed or missed. */
      completedAt: string | null
      /** When it opens or opened; null when it has no time of its own. */
      opensAt: string | null
      dueAt: string | null
      /** The way that was chosen here. */
      branch: string | null
      /** True when the completion was announced and a late event contradicts it. */
      standing: boolean
      contradictedBy: {
        eventId: string
        sourceModule: string | null
      } | null
      xp: number
      /** Where the product lets a person do it. */
      action: {
        title: string | null
        href: string
      } | null
      help: {
        title: string | null
        href: string
      } | null
    })[]
  })[]
}

export type LearningOnboardingGetProgressTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Show how far a learner is in their tracks. */
export const learningOnboardingGetProgress = {
  kind: 'query',
  meta: { key: 'learning.onboarding.getProgress', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.getProgress',
  '1.0.0',
  Typed<LearningOnboardingGetProgressInput>,
  Typed<LearningOnboardingGetProgressOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingGetProgressTrackNotFoundData> }
  }
>

export type LearningOnboardingGroupInput = {
  learnerId: string
  accountId: string
  /** True: the learner is no member any more. */
  leave?: boolean | undefined
  /** Of the account. */
  traits?: Record<string, unknown> | undefined
  /** From when on; now when absent. It can be in the past. */
  at?: string | undefined
}

export type LearningOnboardingGroupOutput = {
  success: true
  /** The id of the entry: the Idempotency-Key, or a new one. */
  eventId: string
  /** True when it was recorded before; nothing changed then. */
  duplicate: boolean
}

/** Say that a learner belongs to an account, or does no more; and what the account is like. */
export const learningOnboardingGroup = {
  kind: 'command',
  meta: { key: 'learning.onboarding.group', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.group',
  '1.0.0',
  Typed<LearningOnboardingGroupInput>,
  Typed<LearningOnboardingGroupOutput>,
  Record<never, never>
>

export type LearningOnboardingIdentifyInput = {
  learnerId: string
  /** Each value replaces the earlier one of its name; the others stay. */
  traits: Record<string, unknown>
  /** From when on; now when absent. It can be in the past. */
  at?: string | undefined
}

export type LearningOnboardingIdentifyOutput = {
  success: true
  /** The id of the entry: the Idempotency-Key, or a new one. */
  eventId: string
  /** True when it was recorded before; nothing changed then. */
  duplicate: boolean
}

/** Say what a learner is like. */
export const learningOnboardingIdentify = {
  kind: 'command',
  meta: { key: 'learning.onboarding.identify', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.identify',
  '1.0.0',
  Typed<LearningOnboardingIdentifyInput>,
  Typed<LearningOnboardingIdentifyOutput>,
  Record<never, never>
>

export type LearningOnboardingIngestInput = {
  events: ({
    type?: 'event' | undefined
    learnerId: string
    eventName: string
    trackId?: string | undefined
    accountId?: string | undefined
    eventId?: string | undefined
    eventVersion?: string | undefined
    sourceModule?: string | undefined
    eventPayload?: Record<string, unknown> | undefined
    occurredAt?: string | undefined
  } | {
    learnerId: string
    eventId?: string | undefined
    occurredAt?: string | undefined
    type: 'identify'
    traits?: Record<string, unknown> | undefined
    /** The `learnerId` that their events had before: those become theirs. */
    anonymousId?: string | undefined
  } | {
    /** The member. Absent: only the traits of the account are said. */
    learnerId?: string | undefined
    eventId?: string | undefined
    occurredAt?: string | undefined
    type: 'group'
    accountId: string
    /** Of the account. */
    traits?: Record<string, unknown> | undefined
    /** True: the person is no member any more. */
    leave?: boolean | undefined
  } | {
    learnerId: string
    eventId?: string | undefined
    occurredAt?: string | undefined
    type: 'alias'
    previousId: string
    /** Another id that they had before. */
    anonymousId?: string | undefined
  })[]
  /** Brings in what happened before, of any age: nothing of it is too late. Needs the scope `events:import`. */
  import?: boolean | undefined
}

export type LearningOnboardingIngestOutput = {
  success: true
  results: ({
    /** Place of the item in the batch. */
    index: number
    eventId: string | null
    /** `unmatched` is stored, no step listens to it yet; `unknown` has no event contract and is not stored; `invalid`, `too_large` and `forbidden` are kept as rejected. */
    status: 'recorded' | 'duplicate' | 'conflict' | 'unmatched' | 'unknown' | 'invalid' | 'too_large' | 'forbidden' | 'erased'
    problem?: {
      code: string
      detail: string
      errors?: ({
        pointer: string
        message: string
        expected: string
        received: string
      })[] | undefined
    } | undefined
  })[]
}

/** Record a batch of events, each with a status of its own. */
export const learningOnboardingIngest = {
  kind: 'command',
  meta: { key: 'learning.onboarding.ingest', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.ingest',
  '1.0.0',
  Typed<LearningOnboardingIngestInput>,
  Typed<LearningOnboardingIngestOutput>,
  Record<never, never>
>

export type LearningOnboardingListEnrolmentsInput = {
  trackId?: string | undefined
  status?: 'active' | 'completed' | 'missed' | 'exited' | 'reset' | undefined
  /** Only those whose first open step is this one. */
  openStep?: string | undefined
  learnerId?: string | undefined
  accountId?: string | undefined
  /** At this moment or later. */
  startedFrom?: string | undefined
  /** Before this moment. */
  startedTo?: string | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListEnrolmentsItem = {
  /** Null when it is about an account. */
  learnerId: string | null
  accountId: string | null
  trackId: string
  run: number
  /** Version of the track that computed it last. */
  version: string
  status: 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  startedAt: string
  completedAt: string | null
  endedAt: string | null
  percent: number
  /** The first step that can be done now. */
  openStep: string | null
  /** True when the subject is set apart for comparison. */
  holdout: boolean
}

/** List runs, newest start first. */
export const learningOnboardingListEnrolments = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listEnrolments', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listEnrolments',
  '1.0.0',
  Typed<LearningOnboardingListEnrolmentsInput>,
  TypedPage<LearningOnboardingListEnrolmentsItem>,
  Record<never, never>
>

export type LearningOnboardingListEventsInput = {
  learnerId?: string | undefined
  /** Entries that were made in this account. */
  accountId?: string | undefined
  eventName?: string | undefined
  sourceModule?: string | undefined
  /** Product events, or what commands of Waymark wrote; both when absent. */
  kind?: 'event' | 'control' | undefined
  /** At this moment or later. */
  from?: string | undefined
  /** Before this moment. */
  to?: string | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListEventsItem = {
  /** Null when it is about an account. */
  learnerId: string | null
  accountId: string | null
  /** The learner who acted, where that is not whom the event is about: a member of the account, or another id of the same person. */
  actorId: string | null
  eventId: string
  sourceModule: string | null
  kind: 'event' | 'control'
  eventName: string
  eventVersion: string
  /** The account in which the learner acted. */
  inAccount: string | null
  trackId: string | null
  channel: string
  occurredAt: string
  receivedAt: string
  claimedAt: string | null
  /** Null when its retention is over. */
  eventPayload: unknown
}

/** List recorded entries, newest first. */
export const learningOnboardingListEvents = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listEvents', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listEvents',
  '1.0.0',
  Typed<LearningOnboardingListEventsInput>,
  TypedPage<LearningOnboardingListEventsItem>,
  Record<never, never>
>

export type LearningOnboardingListFactsInput = {
  learnerId?: string | undefined
  accountId?: string | undefined
  trackId?: string | undefined
  /** Key of the fact, e.g. `learning.onboarding.step.completed`. */
  name?: string | undefined
  /** `newest` when absent. */
  first?: 'oldest' | 'newest' | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListFactsItem = {
  position: number
  factId: string
  /** Null when it is about an account. */
  learnerId: string | null
  accountId: string | null
  name: string
  /** Null on facts that are about no track. */
  trackId: string | null
  run: number
  stepId: string | null
  occurredAt: string
  cause: {
    eventId: string
    sourceModule: string | null
  }
  backfilled: boolean
  holdout: boolean
  data: unknown
}

/** List facts by position. */
export const learningOnboardingListFacts = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listFacts', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listFacts',
  '1.0.0',
  Typed<LearningOnboardingListFactsInput>,
  TypedPage<LearningOnboardingListFactsItem>,
  Record<never, never>
>

export type LearningOnboardingListJobsInput = {
  trackId?: string | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListJobsItem = {
  jobId: string
  kind: 'backfill' | 'dry-run'
  trackId: string
  version: string
  status: 'running' | 'done' | 'cancelled'
  /** Subjects that were looked at. */
  done: number
  /** How many there were as it began; null while they are counted. */
  total: number | null
  /** Facts that a backfill brought. */
  facts: number
  /** Subjects that could not be looked at; the log says why. */
  failed: number
  perSecond: number | null
  secondsLeft: number | null
  startedAt: string
  updatedAt: string
  /** Of a dry run: what it found so far. */
  report: {
    /** How many were looked at. */
    subjects: number
    enrolled: {
      before: number
      after: number
    }
    /** Who would be enrolled and is not now. */
    starting: number
    /** Whose open run would end and begin again. */
    restarting: number
    /** Whose open run would end. */
    exiting: number
    /** Whose open run would stay on its version. */
    staying: number
    /** Who has completed each step, and who would newly. */
    steps: ({
      stepId: string
      before: number
      after: number
      newly: number
    })[]
    /** The same of the whole track. */
    completed: {
      before: number
      after: number
      newly: number
    }
    /** Who would keep a completion that the version does not give. */
    standing: number
    /** Of those enrolled before and after. */
    percent: {
      up: number
      same: number
      down: number
    }
    /** Experience points that would be granted. */
    xp: number
    badges: ({
      badge: string
      people: number
    })[]
  } | null
}

/** List backfills and dry runs, newest first. */
export const learningOnboardingListJobs = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listJobs', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listJobs',
  '1.0.0',
  Typed<LearningOnboardingListJobsInput>,
  TypedPage<LearningOnboardingListJobsItem>,
  Record<never, never>
>

export type LearningOnboardingListLearnersInput = {
  /** People when absent. */
  kind?: 'learner' | 'account' | undefined
  /** What the id starts with. */
  prefix?: string | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListLearnersItem = {
  /** Null when it is about an account. */
  learnerId: string | null
  accountId: string | null
  enrolments: ({
    /** Null when it is about an account. */
    learnerId: string | null
    accountId: string | null
    trackId: string
    run: number
    /** Version of the track that computed it last. */
    version: string
    status: 'active' | 'completed' | 'missed' | 'exited' | 'reset'
    startedAt: string
    completedAt: string | null
    endedAt: string | null
    percent: number
    /** The first step that can be done now. */
    openStep: string | null
    /** True when the subject is set apart for comparison. */
    holdout: boolean
  })[]
}

/** List people or accounts with their runs, by id. */
export const learningOnboardingListLearners = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listLearners', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listLearners',
  '1.0.0',
  Typed<LearningOnboardingListLearnersInput>,
  TypedPage<LearningOnboardingListLearnersItem>,
  Record<never, never>
>

export type LearningOnboardingListRejectedInput = {
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListRejectedItem = {
  id: string
  receivedAt: string
  channel: string
  eventId: string | null
  eventName: string | null
  /** What was wrong, as problem+json. */
  problem: unknown
  /** The event as it came. */
  event: unknown
}

/** List the events that could not be recorded, newest first, each with its problem. */
export const learningOnboardingListRejected = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listRejected', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listRejected',
  '1.0.0',
  Typed<LearningOnboardingListRejectedInput>,
  TypedPage<LearningOnboardingListRejectedItem>,
  Record<never, never>
>

export type LearningOnboardingListTrackVersionsInput = {
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListTrackVersionsItem = {
  trackId: string
  status: 'active' | 'paused' | 'archived'
  /** The version that is served, or was last. */
  version: string
  /** `carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again. */
  policy: 'carry' | 'pin' | 'restart' | 'exit'
  /** False when it is archived, or when this server lacks what it names. */
  served: boolean
  /** Newest first. */
  versions: ({
    version: string
    publishedAt: string
  })[]
}

/** List the published tracks with their versions. */
export const learningOnboardingListTrackVersions = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listTrackVersions', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listTrackVersions',
  '1.0.0',
  Typed<LearningOnboardingListTrackVersionsInput>,
  TypedPage<LearningOnboardingListTrackVersionsItem>,
  Record<never, never>
>

export type LearningOnboardingListTracksInput = {
  /** BCP 47. A text that has none for it comes in its language, in English, or in its first locale. */
  locale?: string | undefined
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListTracksItem = {
  trackId: string
  version: string
  title: string
  description: string | null
  /** Whose progress it is. */
  subject: 'learner' | 'account'
  enrolment: 'onFirstMatch' | 'onEvent' | 'explicit' | 'onSegment'
  /** All experience points that the track can bring. */
  xp: number
  steps: ({
    stepId: string
    title: string
    description: string | null
    xp: number
  })[]
}

/** List the published tracks and their steps. */
export const learningOnboardingListTracks = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listTracks', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listTracks',
  '1.0.0',
  Typed<LearningOnboardingListTracksInput>,
  TypedPage<LearningOnboardingListTracksItem>,
  Record<never, never>
>

export type LearningOnboardingListUnknownEventsInput = {
  /** Where to go on: the `nextCursor` of the page before. */
  cursor?: string | undefined
  /** How many items at most. */
  limit?: number | undefined
}

export type LearningOnboardingListUnknownEventsItem = {
  eventName: string
  /** How often it came since `firstAt`; an event that was sent twice counts twice. */
  count: number
  firstAt: string
  lastAt: string
  /** What some of the latest looked like, at most three. */
  samples: ({
    receivedAt: string
    channel: string
    sourceModule: string | null
    /** The type of each field of the payload, by its JSON Pointer; no values. */
    fields: Record<string, string>
  })[]
}

/** List the events that came to `ingest` and have neither a contract nor a mapping, counted by name, newest first. */
export const learningOnboardingListUnknownEvents = {
  kind: 'query',
  meta: { key: 'learning.onboarding.listUnknownEvents', version: '1.0.0' },
  io: { output: { '~page': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.listUnknownEvents',
  '1.0.0',
  Typed<LearningOnboardingListUnknownEventsInput>,
  TypedPage<LearningOnboardingListUnknownEventsItem>,
  Record<never, never>
>

export type LearningOnboardingMergeInput = {
  learnerId: string
  /** The `learnerId` of the earlier events. It can be merged once. */
  anonymousId: string
}

export type LearningOnboardingMergeOutput = {
  success: true
  /** False when both were one already. */
  merged: boolean
}

/** Say that a learner was known under another id before. */
export const learningOnboardingMerge = {
  kind: 'command',
  meta: { key: 'learning.onboarding.merge', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.merge',
  '1.0.0',
  Typed<LearningOnboardingMergeInput>,
  Typed<LearningOnboardingMergeOutput>,
  Record<never, never>
>

export type LearningOnboardingPublishTrackInput = {
  /** A track in the format `waymark.track/1`. */
  definition: Record<string, unknown>
  /** `carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again. */
  policy?: 'carry' | 'pin' | 'restart' | 'exit' | undefined
}

export type LearningOnboardingPublishTrackOutput = {
  success: true
  trackId: string
  version: string
  /** `carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again. */
  policy: 'carry' | 'pin' | 'restart' | 'exit'
  /** False when this version was served already. */
  published: boolean
  /** What the lint has to say; an error would have refused it. */
  findings: ({
    severity: 'warning' | 'info'
    code: string
    pointer: string
    message: string
  })[]
  /** The backfill that brings everybody to it, see `getJob`; null when nothing is to do. */
  jobId: string | null
}

export type LearningOnboardingPublishTrackVersionTakenData = {
  trackId: string
  version: string
}

export type LearningOnboardingPublishTrackBackfillRunningData = {
  trackId: string
  jobId: string
}

export type LearningOnboardingPublishTrackTrackPausedData = {
  trackId: string
  status: 'active' | 'paused' | 'archived'
}

/** Publish a version of a track. */
export const learningOnboardingPublishTrack = {
  kind: 'command',
  meta: { key: 'learning.onboarding.publishTrack', version: '1.0.0' },
  io: { errors: { VERSION_TAKEN: {}, BACKFILL_RUNNING: {}, TRACK_PAUSED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.publishTrack',
  '1.0.0',
  Typed<LearningOnboardingPublishTrackInput>,
  Typed<LearningOnboardingPublishTrackOutput>,
  {
    VERSION_TAKEN: { data: Typed<LearningOnboardingPublishTrackVersionTakenData> }
    BACKFILL_RUNNING: { data: Typed<LearningOnboardingPublishTrackBackfillRunningData> }
    TRACK_PAUSED: { data: Typed<LearningOnboardingPublishTrackTrackPausedData> }
  }
>

export type LearningOnboardingRecordEventInput = {
  /** Who acted. */
  learnerId: string
  /** Key of the event contract, e.g. `deal.created`. */
  eventName: string
  /** Key of the one track that the event is meant for; all tracks when absent. */
  trackId?: string | undefined
  /** The account in which the learner acted. */
  accountId?: string | undefined
  /** The same id never counts twice. When absent: the Idempotency-Key of the call, else a new id, and then a repeated call counts again. */
  eventId?: string | undefined
  /** Major or full version of the event contract; the latest when absent. */
  eventVersion?: string | undefined
  /** Which part of the product reports it. Ids are unique within it. */
  sourceModule?: string | undefined
  /** What the event contract says; `{}` when absent. */
  eventPayload?: Record<string, unknown> | undefined
  /** When it happened; the time of receipt when absent, or when more than five minutes ahead of it. */
  occurredAt?: string | undefined
}

export type LearningOnboardingRecordEventOutput = {
  success: true
  /** The id under which the event is recorded. */
  eventId: string
  /** True when the event was recorded before; nothing changed then. */
  duplicate: boolean
  /** Experience points that this event brought. */
  xpEarned: number
  /** One for each step that listens to the event, and for each step that it completed. */
  outcomes: ({
    trackId: string
    stepId: string
    verdict: 'completed' | 'progressed' | 'unchanged'
    /** Null when completed. */
    reason: 'count_short' | 'condition_false' | 'window_expired' | 'before_start' | 'prerequisite' | 'not_open_yet' | 'branch_closed' | 'already_done' | 'consumed' | 'missed' | 'too_late' | 'not_enrolled' | 'audience' | 'exited' | 'paused' | 'source_untrusted' | 'version_unsupported' | 'evidence_expired' | null
    detail: LearningOnboardingRecordEventOutput_ConditionDetail
  })[]
}

export type LearningOnboardingRecordEventOutput_ConditionDetail = LearningOnboardingRecordEventOutput_ConditionAfter | LearningOnboardingRecordEventOutput_ConditionBranch | LearningOnboardingRecordEventOutput_ConditionTime | LearningOnboardingRecordEventOutput_ConditionTrait | LearningOnboardingRecordEventOutput_ConditionGroup | LearningOnboardingRecordEventOutput_ConditionEvent

export type LearningOnboardingRecordEventOutput_ConditionAfter = {
  node: 'after'
  met: boolean
  /** True when one of the steps is enough. */
  any: boolean
  steps: ({
    stepId: string
    met: boolean
  })[]
}

export type LearningOnboardingRecordEventOutput_ConditionBranch = {
  node: 'branch'
  met: boolean
  /** The step at which the way is chosen. */
  stepId: string
  expected: string
  /** The branch that was chosen; null before. */
  actual: string | null
}

export type LearningOnboardingRecordEventOutput_ConditionTime = {
  node: 'opens' | 'due'
  met: boolean
  /** Null while there is no run to count from. */
  at: string | null
}

export type LearningOnboardingRecordEventOutput_ConditionTrait = {
  node: 'trait'
  met: boolean
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingRecordEventOutput_ConditionGroup = {
  node: 'all' | 'any' | 'sequence'
  met: boolean
  /** JSON Pointer whose values tell groups of events apart; null when there are none. */
  correlate: string | null
  /** The group that is nearest; the parts are its own. */
  group: string | null
  parts: LearningOnboardingRecordEventOutput_ConditionDetail[]
}

export type LearningOnboardingRecordEventOutput_ConditionEvent = {
  node: 'event'
  event: string
  met: boolean
  /** How many events the condition wants, or with `sumOf` what they have to add up to. */
  expected: number
  /** How many were counted, or what they add up to. */
  actual: number
  distinctBy: string | null
  sumOf: string | null
  /** The last moment at which an event counts; null without a window. */
  until: string | null
  /** Within how long all of them have to be, as an ISO 8601 duration. */
  sliding: string | null
  /** What the condition asks of the explained event; empty when it is about another one. */
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingRecordEventTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingRecordEventStepNotFoundData = {
  eventName: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Record a domain event to evaluate onboarding step completion conditions. */
export const learningOnboardingRecordEvent = {
  kind: 'command',
  meta: { key: 'learning.onboarding.recordEvent', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, STEP_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.recordEvent',
  '1.0.0',
  Typed<LearningOnboardingRecordEventInput>,
  Typed<LearningOnboardingRecordEventOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingRecordEventTrackNotFoundData> }
    STEP_NOT_FOUND: { data: Typed<LearningOnboardingRecordEventStepNotFoundData> }
  }
>

export type LearningOnboardingRedriveRejectedInput = {
  /** Ids of rejected events, as `listRejected` gives them. */
  ids: string[]
}

export type LearningOnboardingRedriveRejectedOutput = {
  success: true
  results: ({
    id: string
    eventId: string | null
    /** After `recorded`, `duplicate` and `unmatched` it is no longer rejected; else it stays, with the new problem. */
    status: 'recorded' | 'duplicate' | 'conflict' | 'unmatched' | 'unknown' | 'invalid' | 'too_large' | 'forbidden' | 'erased' | 'not_found'
    problem?: {
      code: string
      detail: string
      errors?: ({
        pointer: string
        message: string
        expected: string
        received: string
      })[] | undefined
    } | undefined
  })[]
}

/** Try rejected events again, as if they arrived when they first did. */
export const learningOnboardingRedriveRejected = {
  kind: 'command',
  meta: { key: 'learning.onboarding.redriveRejected', version: '1.0.0' },
  io: { errors: {} },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.redriveRejected',
  '1.0.0',
  Typed<LearningOnboardingRedriveRejectedInput>,
  Typed<LearningOnboardingRedriveRejectedOutput>,
  Record<never, never>
>

export type LearningOnboardingResetInput = {
  /** Whose run it is; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  /** Why; it is kept in the journal and told in the fact. */
  reason?: string | undefined
}

export type LearningOnboardingResetOutput = {
  success: true
  /** False when it was so already, or when the track is paused: then it takes effect as it goes on. */
  changed: boolean
  /** How the newest run stands now. */
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  run: number | null
  percent: number
  /** Experience points that this call brought. */
  xpEarned: number
}

export type LearningOnboardingResetTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingResetNotEnrolledData = {
  trackId: string
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
}

/** Start a track over: end the open run and begin the next one. */
export const learningOnboardingReset = {
  kind: 'command',
  meta: { key: 'learning.onboarding.reset', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, NOT_ENROLLED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.reset',
  '1.0.0',
  Typed<LearningOnboardingResetInput>,
  Typed<LearningOnboardingResetOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingResetTrackNotFoundData> }
    NOT_ENROLLED: { data: Typed<LearningOnboardingResetNotEnrolledData> }
  }
>

export type LearningOnboardingRevokeInput = {
  /** Whose run it is; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  stepId: string
  /** Why; it is kept in the journal and told in the fact. */
  reason: string
}

export type LearningOnboardingRevokeOutput = {
  success: true
  /** False when it was so already, or when the track is paused: then it takes effect as it goes on. */
  changed: boolean
  /** How the newest run stands now. */
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  run: number | null
  percent: number
  /** Experience points that this call brought. */
  xpEarned: number
  /** How the step stands now. */
  stepStatus: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
}

export type LearningOnboardingRevokeTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingRevokeStepNotFoundData = {
  trackId: string
  stepId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingRevokeNotEnrolledData = {
  trackId: string
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
}

/** Take back the completion of a step, with its rewards. */
export const learningOnboardingRevoke = {
  kind: 'command',
  meta: { key: 'learning.onboarding.revoke', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, STEP_NOT_FOUND: {}, NOT_ENROLLED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.revoke',
  '1.0.0',
  Typed<LearningOnboardingRevokeInput>,
  Typed<LearningOnboardingRevokeOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingRevokeTrackNotFoundData> }
    STEP_NOT_FOUND: { data: Typed<LearningOnboardingRevokeStepNotFoundData> }
    NOT_ENROLLED: { data: Typed<LearningOnboardingRevokeNotEnrolledData> }
  }
>

export type LearningOnboardingRollbackTrackInput = {
  trackId: string
  /** The version that was published before the one that is served, when absent. */
  version?: string | undefined
}

export type LearningOnboardingRollbackTrackOutput = {
  success: true
  trackId: string
  version: string
  /** `carry`: everybody is computed anew, and completions stand. `pin`: open runs stay on the version they are in until they are over. `restart`, `exit`: open runs end now; with `restart` they begin again. */
  policy: 'carry' | 'pin' | 'restart' | 'exit'
  /** False when this version was served already. */
  published: boolean
  /** What the lint has to say; an error would have refused it. */
  findings: ({
    severity: 'warning' | 'info'
    code: string
    pointer: string
    message: string
  })[]
  /** The backfill that brings everybody to it, see `getJob`; null when nothing is to do. */
  jobId: string | null
}

export type LearningOnboardingRollbackTrackTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingRollbackTrackVersionNotFoundData = {
  trackId: string
  version: string | null
  published: string[]
}

export type LearningOnboardingRollbackTrackBackfillRunningData = {
  trackId: string
  jobId: string
}

export type LearningOnboardingRollbackTrackTrackPausedData = {
  trackId: string
  status: 'active' | 'paused' | 'archived'
}

/** Serve an earlier version of a track again. */
export const learningOnboardingRollbackTrack = {
  kind: 'command',
  meta: { key: 'learning.onboarding.rollbackTrack', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, VERSION_NOT_FOUND: {}, BACKFILL_RUNNING: {}, TRACK_PAUSED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.rollbackTrack',
  '1.0.0',
  Typed<LearningOnboardingRollbackTrackInput>,
  Typed<LearningOnboardingRollbackTrackOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingRollbackTrackTrackNotFoundData> }
    VERSION_NOT_FOUND: { data: Typed<LearningOnboardingRollbackTrackVersionNotFoundData> }
    BACKFILL_RUNNING: { data: Typed<LearningOnboardingRollbackTrackBackfillRunningData> }
    TRACK_PAUSED: { data: Typed<LearningOnboardingRollbackTrackTrackPausedData> }
  }
>

export type LearningOnboardingSetTrackStatusInput = {
  trackId: string
  /** `paused`: starts no runs and fires no deadlines; what happens is kept. `archived`: not served at all. `active`: it goes on, with all that happened meanwhile. */
  status: 'active' | 'paused' | 'archived'
}

export type LearningOnboardingSetTrackStatusOutput = {
  success: true
  trackId: string
  version: string
  status: 'active' | 'paused' | 'archived'
  changed: boolean
  /** The backfill that brings everybody to it, see `getJob`; null when nothing is to do. */
  jobId: string | null
}

export type LearningOnboardingSetTrackStatusTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingSetTrackStatusTrackInUseData = {
  trackId: string
  by: string[]
}

/** Pause, resume or archive a track. */
export const learningOnboardingSetTrackStatus = {
  kind: 'command',
  meta: { key: 'learning.onboarding.setTrackStatus', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, TRACK_IN_USE: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.setTrackStatus',
  '1.0.0',
  Typed<LearningOnboardingSetTrackStatusInput>,
  Typed<LearningOnboardingSetTrackStatusOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingSetTrackStatusTrackNotFoundData> }
    TRACK_IN_USE: { data: Typed<LearningOnboardingSetTrackStatusTrackInUseData> }
  }
>

export type LearningOnboardingSimulateInput = {
  /** Whose journal it goes on from; one without any entries when absent. */
  learnerId?: string | undefined
  /** The account, of a track about accounts; when absent the one account of the learner. */
  accountId?: string | undefined
  /** A track that is served. */
  trackId?: string | undefined
  /** Another definition, as a `waymark.track/1` document. Not for learners. */
  definition?: Record<string, unknown> | undefined
  /** Starts a run then, of a track whose enrolment is explicit. */
  enrolAt?: string | undefined
  /** In the order of their arrival. `occurredAt` may lie in the future; when absent it is the arrival of the one before, or now. */
  events?: ({
    /** Key of the event contract, e.g. `deal.created`. */
    eventName: string
    /** What the event contract says; `{}` when absent. */
    eventPayload?: Record<string, unknown> | undefined
    /** When it happened; the time of receipt when absent, or when more than five minutes ahead of it. */
    occurredAt?: string | undefined
    /** Which part of the product reports it. Ids are unique within it. */
    sourceModule?: string | undefined
    /** Major or full version of the event contract; the latest when absent. */
    eventVersion?: string | undefined
  })[] | undefined
  /** Up to when time passes in the end. */
  advanceTo?: string | undefined
}

export type LearningOnboardingSimulateOutput = {
  /** Up to when time passed. */
  at: string
  /** How the track would stand then. */
  track: {
    trackId: string
    version: string
    title: string
    subject: 'learner' | 'account'
    status: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
    /** Number of the newest run, from 0; null when there was none. */
    run: number | null
    startedAt: string | null
    completedAt: string | null
    endedAt: string | null
    /** Done steps of all required ones on the way of the subject, rounded down. */
    percent: number
    streak: {
      length: number
      best: number
      freezes: number
      /** The last credited local date. */
      lastDay: string | null
      /** Whether the present date, as far as the clock of the track has come, is credited. */
      creditedToday: boolean
    } | null
    steps: ({
      stepId: string
      title: string
      description: string | null
      status: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
      /** False: the track completes without it. */
      required: boolean
      /** True: the learner may skip it. */
      skippable: boolean
      /** When it was completed, skipped, waived, closed or missed. */
      completedAt: string | null
      /** When it opens or opened; null when it has no time of its own. */
      opensAt: string | null
      dueAt: string | null
      /** The way that was chosen here. */
      branch: string | null
      /** True when the completion was announced and a late event contradicts it. */
      standing: boolean
      contradictedBy: {
        eventId: string
        sourceModule: string | null
      } | null
      xp: number
      /** Where the product lets a person do it. */
      action: {
        title: string | null
        href: string
      } | null
      help: {
        title: string | null
        href: string
      } | null
    })[]
  }
  events: ({
    eventName: string
    occurredAt: string
    /** What the event would do. */
    outcomes: ({
      trackId: string
      stepId: string
      verdict: 'completed' | 'progressed' | 'unchanged'
      /** Null when completed. */
      reason: 'count_short' | 'condition_false' | 'window_expired' | 'before_start' | 'prerequisite' | 'not_open_yet' | 'branch_closed' | 'already_done' | 'consumed' | 'missed' | 'too_late' | 'not_enrolled' | 'audience' | 'exited' | 'paused' | 'source_untrusted' | 'version_unsupported' | 'evidence_expired' | null
      detail: LearningOnboardingSimulateOutput_ConditionDetail
    })[]
  })[]
  /** What would be announced, in order. */
  facts: ({
    /** Key of the event contract. */
    name: string
    stepId: string | null
    occurredAt: string
    data: Record<string, unknown>
  })[]
  /** When passing time changes something next; null: never. */
  alarmAt: string | null
}

export type LearningOnboardingSimulateOutput_ConditionDetail = LearningOnboardingSimulateOutput_ConditionAfter | LearningOnboardingSimulateOutput_ConditionBranch | LearningOnboardingSimulateOutput_ConditionTime | LearningOnboardingSimulateOutput_ConditionTrait | LearningOnboardingSimulateOutput_ConditionGroup | LearningOnboardingSimulateOutput_ConditionEvent

export type LearningOnboardingSimulateOutput_ConditionAfter = {
  node: 'after'
  met: boolean
  /** True when one of the steps is enough. */
  any: boolean
  steps: ({
    stepId: string
    met: boolean
  })[]
}

export type LearningOnboardingSimulateOutput_ConditionBranch = {
  node: 'branch'
  met: boolean
  /** The step at which the way is chosen. */
  stepId: string
  expected: string
  /** The branch that was chosen; null before. */
  actual: string | null
}

export type LearningOnboardingSimulateOutput_ConditionTime = {
  node: 'opens' | 'due'
  met: boolean
  /** Null while there is no run to count from. */
  at: string | null
}

export type LearningOnboardingSimulateOutput_ConditionTrait = {
  node: 'trait'
  met: boolean
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingSimulateOutput_ConditionGroup = {
  node: 'all' | 'any' | 'sequence'
  met: boolean
  /** JSON Pointer whose values tell groups of events apart; null when there are none. */
  correlate: string | null
  /** The group that is nearest; the parts are its own. */
  group: string | null
  parts: LearningOnboardingSimulateOutput_ConditionDetail[]
}

export type LearningOnboardingSimulateOutput_ConditionEvent = {
  node: 'event'
  event: string
  met: boolean
  /** How many events the condition wants, or with `sumOf` what they have to add up to. */
  expected: number
  /** How many were counted, or what they add up to. */
  actual: number
  distinctBy: string | null
  sumOf: string | null
  /** The last moment at which an event counts; null without a window. */
  until: string | null
  /** Within how long all of them have to be, as an ISO 8601 duration. */
  sliding: string | null
  /** What the condition asks of the explained event; empty when it is about another one. */
  checks: ({
    check: 'version' | 'source' | 'trust' | 'where' | 'distinctBy' | 'correlate' | 'sum' | 'trait'
    met: boolean
    operator: string
    expected: unknown
    /** Null when there is no value. */
    actual: unknown
    /** Where the actual value came from: a JSON Pointer into the reported event or into `/traits`, or `channel`. */
    from: string
  })[]
}

export type LearningOnboardingSimulateTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Show how a track would stand after events that did not happen and time that did not pass. */
export const learningOnboardingSimulate = {
  kind: 'query',
  meta: { key: 'learning.onboarding.simulate', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.simulate',
  '1.0.0',
  Typed<LearningOnboardingSimulateInput>,
  Typed<LearningOnboardingSimulateOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingSimulateTrackNotFoundData> }
  }
>

export type LearningOnboardingSkipStepInput = {
  /** Whose run it is; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  stepId: string
}

export type LearningOnboardingSkipStepOutput = {
  success: true
  /** False when it was so already, or when the track is paused: then it takes effect as it goes on. */
  changed: boolean
  /** How the newest run stands now. */
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  run: number | null
  percent: number
  /** Experience points that this call brought. */
  xpEarned: number
  /** How the step stands now. */
  stepStatus: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
}

export type LearningOnboardingSkipStepTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingSkipStepStepNotFoundData = {
  trackId: string
  stepId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingSkipStepStepNotSkippableData = {
  trackId: string
  stepId: string
}

export type LearningOnboardingSkipStepNotEnrolledData = {
  trackId: string
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
}

/** Skip a step that may be skipped. */
export const learningOnboardingSkipStep = {
  kind: 'command',
  meta: { key: 'learning.onboarding.skipStep', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, STEP_NOT_FOUND: {}, STEP_NOT_SKIPPABLE: {}, NOT_ENROLLED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.skipStep',
  '1.0.0',
  Typed<LearningOnboardingSkipStepInput>,
  Typed<LearningOnboardingSkipStepOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingSkipStepTrackNotFoundData> }
    STEP_NOT_FOUND: { data: Typed<LearningOnboardingSkipStepStepNotFoundData> }
    STEP_NOT_SKIPPABLE: { data: Typed<LearningOnboardingSkipStepStepNotSkippableData> }
    NOT_ENROLLED: { data: Typed<LearningOnboardingSkipStepNotEnrolledData> }
  }
>

export type LearningOnboardingSnoozeInput = {
  learnerId: string
  /** A track about learners or about accounts: only this learner stops seeing it. */
  trackId: string
  /** From then on it is shown again; null: from now on. */
  until: string | null
}

export type LearningOnboardingSnoozeOutput = {
  success: true
  /** False when it was so already. */
  changed: boolean
  dismissed: boolean
  snoozedUntil: string | null
}

export type LearningOnboardingSnoozeTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Hide a track from a learner until a moment. */
export const learningOnboardingSnooze = {
  kind: 'command',
  meta: { key: 'learning.onboarding.snooze', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.snooze',
  '1.0.0',
  Typed<LearningOnboardingSnoozeInput>,
  Typed<LearningOnboardingSnoozeOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingSnoozeTrackNotFoundData> }
  }
>

export type LearningOnboardingTimeToValueInput = {
  trackId: string
  /** Only runs that started on this day (UTC) or later. */
  from?: string | undefined
  /** Only runs that started on this day (UTC) or earlier. */
  to?: string | undefined
}

export type LearningOnboardingTimeToValueOutput = {
  trackId: string
  groups: ({
    holdout: boolean
    track: {
      count: number
      /** At most 4.5 % off, like the others; null when nobody got there. */
      medianSeconds: number | null
      p25Seconds: number | null
      p75Seconds: number | null
      p90Seconds: number | null
    }
    steps: ({
      count: number
      /** At most 4.5 % off, like the others; null when nobody got there. */
      medianSeconds: number | null
      p25Seconds: number | null
      p75Seconds: number | null
      p90Seconds: number | null
      stepId: string
    })[]
  })[]
}

export type LearningOnboardingTimeToValueTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

/** Tell how long it takes from the start of a run to each step, and to the completion. */
export const learningOnboardingTimeToValue = {
  kind: 'query',
  meta: { key: 'learning.onboarding.timeToValue', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {} } },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.timeToValue',
  '1.0.0',
  Typed<LearningOnboardingTimeToValueInput>,
  Typed<LearningOnboardingTimeToValueOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingTimeToValueTrackNotFoundData> }
  }
>

export type LearningOnboardingWaiveStepInput = {
  /** Whose run it is; of a track about accounts, the member who acts. */
  learnerId?: string | undefined
  /** The account, where the track is about accounts. */
  accountId?: string | undefined
  trackId: string
  stepId: string
  /** Why; it is kept in the journal and told in the fact. */
  reason: string
}

export type LearningOnboardingWaiveStepOutput = {
  success: true
  /** False when it was so already, or when the track is paused: then it takes effect as it goes on. */
  changed: boolean
  /** How the newest run stands now. */
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
  run: number | null
  percent: number
  /** Experience points that this call brought. */
  xpEarned: number
  /** How the step stands now. */
  stepStatus: 'locked' | 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
}

export type LearningOnboardingWaiveStepTrackNotFoundData = {
  trackId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingWaiveStepStepNotFoundData = {
  trackId: string
  stepId: string
  /** Known names that look alike, nearest first. */
  nearest: string[]
}

export type LearningOnboardingWaiveStepNotEnrolledData = {
  trackId: string
  trackStatus: 'not_enrolled' | 'active' | 'completed' | 'missed' | 'exited' | 'reset'
}

/** Waive a step, whatever its definition says. */
export const learningOnboardingWaiveStep = {
  kind: 'command',
  meta: { key: 'learning.onboarding.waiveStep', version: '1.0.0' },
  io: { errors: { TRACK_NOT_FOUND: {}, STEP_NOT_FOUND: {}, NOT_ENROLLED: {} } },
} as unknown as ClientContract<
  'command',
  'learning.onboarding.waiveStep',
  '1.0.0',
  Typed<LearningOnboardingWaiveStepInput>,
  Typed<LearningOnboardingWaiveStepOutput>,
  {
    TRACK_NOT_FOUND: { data: Typed<LearningOnboardingWaiveStepTrackNotFoundData> }
    STEP_NOT_FOUND: { data: Typed<LearningOnboardingWaiveStepStepNotFoundData> }
    NOT_ENROLLED: { data: Typed<LearningOnboardingWaiveStepNotEnrolledData> }
  }
>

export type LearningOnboardingWatchFactsInput = {
  /** One learner; the whole tenant when absent, which only services and operators may follow. */
  learnerId?: string | undefined
  /** Where to go on: the `cursor` of the last item that came. From now on when absent. */
  after?: string | undefined
}

export type LearningOnboardingWatchFactsItem = {
  /** Where the fact stands: sent as `after`, the stream goes on behind it. */
  cursor: string
  /** The same for a fact that is told again. */
  factId: string
  /** Key of the event contract of the fact, e.g. `learning.onboarding.step.completed`. */
  name: string
  /** Null when it is about an account. */
  learnerId: string | null
  accountId: string | null
  /** Null on facts that are about no track. */
  trackId: string | null
  /** Null on facts about the whole track. */
  stepId: string | null
  /** Which run of the track, from 0. */
  run: number
  occurredAt: string
  /** The event that brought it about. */
  cause: {
    eventId: string
    sourceModule: string | null
  }
  /** True when an imported event brought it about: something that happened long ago. */
  backfilled: boolean
  /** The payload that the event contract of the fact describes. */
  data: Record<string, unknown>
}

/** Follow facts as they are committed, of one learner or of the whole tenant. */
export const learningOnboardingWatchFacts = {
  kind: 'query',
  meta: { key: 'learning.onboarding.watchFacts', version: '1.0.0' },
  io: { output: { '~stream': true }, errors: {} },
} as unknown as ClientContract<
  'query',
  'learning.onboarding.watchFacts',
  '1.0.0',
  Typed<LearningOnboardingWatchFactsInput>,
  TypedStream<LearningOnboardingWatchFactsItem>,
  Record<never, never>
>

export type ServerDatabaseBackupInput = {
  /** Name of the file in .waymark/backups; made from the time when absent. */
  name?: string | undefined
}

export type ServerDatabaseBackupOutput = {
  /** Path of the copy, from the working directory of the server. */
  file: string
  bytes: number
  /** In hex. */
  sha256: string
  durationMs: number
}

/** Copy the SQLite database into a file on the machine of the server, while it goes on serving. */
export const serverDatabaseBackup = {
  kind: 'command',
  meta: { key: 'server.database.backup', version: '1.0.0' },
  io: { errors: { BACKUP_UNSUPPORTED: {}, BACKUP_EXISTS: {}, BACKUP_RUNNING: {}, BACKUP_FAILED: {} } },
} as unknown as ClientContract<
  'command',
  'server.database.backup',
  '1.0.0',
  Typed<ServerDatabaseBackupInput>,
  Typed<ServerDatabaseBackupOutput>,
  {
    BACKUP_UNSUPPORTED: Record<never, never>
    BACKUP_EXISTS: Record<never, never>
    BACKUP_RUNNING: Record<never, never>
    BACKUP_FAILED: Record<never, never>
  }
>

/** All of them. Pass those that you call alone, and a bundle has those alone. */
export const contracts = [
  learningOnboardingBackfillTrack,
  learningOnboardingCancelJob,
  learningOnboardingDismiss,
  learningOnboardingDryRunTrack,
  learningOnboardingEnroll,
  learningOnboardingEnrollMany,
  learningOnboardingEraseLearner,
  learningOnboardingExit,
  learningOnboardingExplain,
  learningOnboardingExportLearner,
  learningOnboardingFunnel,
  learningOnboardingGetJob,
  learningOnboardingGetProgress,
  learningOnboardingGroup,
  learningOnboardingIdentify,
  learningOnboardingIngest,
  learningOnboardingListEnrolments,
  learningOnboardingListEvents,
  learningOnboardingListFacts,
  learningOnboardingListJobs,
  learningOnboardingListLearners,
  learningOnboardingListRejected,
  learningOnboardingListTrackVersions,
  learningOnboardingListTracks,
  learningOnboardingListUnknownEvents,
  learningOnboardingMerge,
  learningOnboardingPublishTrack,
  learningOnboardingRecordEvent,
  learningOnboardingRedriveRejected,
  learningOnboardingReset,
  learningOnboardingRevoke,
  learningOnboardingRollbackTrack,
  learningOnboardingSetTrackStatus,
  learningOnboardingSimulate,
  learningOnboardingSkipStep,
  learningOnboardingSnooze,
  learningOnboardingTimeToValue,
  learningOnboardingWaiveStep,
  learningOnboardingWatchFacts,
  serverDatabaseBackup,
] as const
