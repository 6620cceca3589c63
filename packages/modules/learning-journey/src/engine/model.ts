/** A track as data: the JSON form (`waymark.track/1`), which every other form compiles to. */
export interface TrackModel {
  readonly format: 'waymark.track/1'
  /** Stable name of the track, e.g. `first-win`: the `trackId` of the operations. */
  readonly key: string
  /** Semantic version of this definition. */
  readonly version: string
  readonly title?: Text | undefined
  readonly description?: Text | undefined
  /** Whose progress it is: each learner's own (default), or that of an account, which all its members share. */
  readonly subject?: 'learner' | 'account' | undefined
  /** Traits that a subject must have when a run would start; asked at that moment only. */
  readonly audience?: WhereModel | undefined
  readonly enrol?: EnrolModel | undefined
  /** Whether another run can follow a finished one; never when absent. */
  readonly reentry?: ReentryModel | undefined
  /** Other tracks of the same subject that have to be completed before a run can start. */
  readonly after?: { readonly all: readonly string[] } | { readonly any: readonly string[] } | undefined
  /** IANA zone of calendar days where the subject has no trait `timezone`; UTC when absent. */
  readonly timezone?: string | undefined
  /** ISO 8601 duration: how much older than its arrival an entry may be; seven days when absent. */
  readonly lateness?: string | undefined
  /** `once` (default): a reward is granted once over all runs. */
  readonly rewards?: 'once' | 'perRun' | undefined
  readonly completion?: RewardModel | undefined
  readonly streak?: StreakModel | undefined
  /** Share of subjects, in per cent, that are evaluated but shown and granted nothing, for comparison. */
  readonly holdout?: number | undefined
  readonly steps: readonly StepModel[]
}

/** JSON Pointers to operators or a bare value; all must hold. */
export interface WhereModel {
  readonly [pointer: string]: Operators | Scalar
}

/** When a new run can follow a finished one. */
export type ReentryModel =
  | { readonly mode: 'never' }
  | { readonly mode: 'afterExit' }
  /** ISO 8601 duration from the end of the run before. */
  | { readonly mode: 'afterDuration'; readonly wait: string }
  /** JSON Pointer into the payload of the event that starts a run: one run for each value there. */
  | { readonly mode: 'perKey'; readonly key: string }

/** Days in a row with a qualifying event. */
export interface StreakModel {
  readonly on: MatchModel
  readonly period: 'day'
  /** ISO 8601 duration of hours, minutes, seconds: how long after local midnight a day still lasts. */
  readonly grace?: string | undefined
  readonly freezes?:
    | {
        /** Freezes at the start. */
        readonly initial?: number | undefined
        /** One more whenever the length is a multiple of this. */
        readonly earnEvery?: number | undefined
        /** Most freezes held at once. */
        readonly cap?: number | undefined
      }
    | undefined
  /** Experience points for each day. */
  readonly xp?: number | undefined
}

/** A text, or one text for each locale (BCP 47). */
export type Text = string | { readonly [locale: string]: string }

/** How a run starts. */
export type EnrolModel =
  | { readonly mode: 'onFirstMatch' }
  | { readonly mode: 'explicit' }
  /** When the traits begin to be those of `audience`. */
  | { readonly mode: 'onSegment' }
  | ({ readonly mode: 'onEvent' } & MatchModel)

export interface StepModel {
  /** Stable within the track: progress belongs to it through all versions. */
  readonly key: string
  readonly title?: Text | undefined
  readonly description?: Text | undefined
  /** False: the track completes without it. */
  readonly required?: boolean | undefined
  /** True: the learner may skip it. */
  readonly skippable?: boolean | undefined
  /** What has to be satisfied first. */
  readonly after?: AfterModel | undefined
  /** When it opens, counted from the start of the run. */
  readonly opens?: { readonly after: string } | { readonly onDay: number } | undefined
  /** Until when it can be completed, counted from the start of the run; an event at that very moment still counts. */
  readonly due?: { readonly after: string } | undefined
  readonly complete: ConditionModel
  /** The ways on from here: the first whose `when` is met as the step is settled, else `default`. */
  readonly branches?: readonly BranchModel[] | undefined
  readonly default?: string | undefined
  readonly reward?: RewardModel | undefined
  /** Where the product lets a person do it. */
  readonly action?: LinkModel | undefined
  /** Where it is explained. */
  readonly help?: LinkModel | undefined
}

export interface AfterModel {
  readonly all?: readonly string[] | undefined
  readonly any?: readonly string[] | undefined
  /** `step.branch`: the step belongs to that way. */
  readonly branch?: string | undefined
}

export interface BranchModel {
  readonly key: string
  readonly when?: ConditionModel | undefined
}

export interface LinkModel {
  readonly title?: Text | undefined
  /** A URL, or a path of the product. */
  readonly href: string
}

export interface RewardModel {
  /** Experience points, a whole number; 0 grants nothing. */
  readonly xp?: number | undefined
  readonly badge?: string | undefined
}

/** `correlate` (JSON Pointer): events group by the value there, and one group has to meet the condition. */
export type ConditionModel =
  | { readonly all: readonly ConditionModel[]; readonly correlate?: string | undefined }
  | { readonly any: readonly ConditionModel[]; readonly correlate?: string | undefined }
  | { readonly sequence: readonly ConditionModel[]; readonly correlate?: string | undefined }
  | LeafModel
  | TraitModel

/** What the subject has to be like. */
export interface TraitModel {
  /** JSON Pointer into the traits. */
  readonly trait: string
  readonly is: Operators | Scalar
}

/** What an event has to be like. */
export interface MatchModel {
  /** Key of the event contract. */
  readonly event: string
  /** A major (`"1"`) or a full version; any version when absent. */
  readonly version?: string | undefined
  readonly source?: string | undefined
  /** JSON Pointers into the payload, to operators or a bare value. */
  readonly where?: WhereModel | undefined
  /** `client` also counts events that the learner's own app reports. */
  readonly trust?: 'server' | 'client' | undefined
}

export interface LeafModel extends MatchModel {
  readonly atLeast?: number | undefined
  /** JSON Pointer: only entries with a new value there count. */
  readonly distinctBy?: string | undefined
  /** Instead of a number of events: what a field of theirs adds up to, in steps of a millionth. */
  readonly sum?: { readonly of: string; readonly atLeast: number } | undefined
  /** How long after the start or the unlocking events count (ISO 8601); or `sliding`, within how long all of them have to be. */
  readonly window?: { readonly since: 'enrolment' | 'unlock'; readonly within: string } | { readonly sliding: string } | undefined
  readonly correlate?: string | undefined
  readonly lookback?: 'sinceEnrolment' | 'ever' | 'afterUnlock' | undefined
  readonly consume?: 'shared' | 'exclusive' | undefined
}

export type Scalar = string | number | boolean | null

export interface Operators {
  readonly eq?: unknown
  readonly ne?: unknown
  readonly in?: readonly unknown[] | undefined
  readonly nin?: readonly unknown[] | undefined
  readonly gt?: number | string | undefined
  readonly gte?: number | string | undefined
  readonly lt?: number | string | undefined
  readonly lte?: number | string | undefined
  readonly exists?: boolean | undefined
  readonly contains?: unknown
  readonly startsWith?: string | undefined
}
