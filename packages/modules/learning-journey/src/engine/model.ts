/** A track as data: the JSON form (`waymark.track/1`), which every other form compiles to. */
export interface TrackModel {
  readonly format: 'waymark.track/1'
  /** Stable name of the track, e.g. `first-win`: the `trackId` of the operations. */
  readonly key: string
  /** Semantic version of this definition. */
  readonly version: string
  readonly title?: Text | undefined
  readonly description?: Text | undefined
  readonly subject?: 'learner' | undefined
  readonly enrol?: EnrolModel | undefined
  /** ISO 8601 duration: how much older than its arrival an entry may be; seven days when absent. */
  readonly lateness?: string | undefined
  readonly completion?: RewardModel | undefined
  readonly steps: readonly StepModel[]
}

/** A text, or one text for each locale (BCP 47). */
export type Text = string | { readonly [locale: string]: string }

/** How a run starts. */
export type EnrolModel =
  | { readonly mode: 'onFirstMatch' }
  | { readonly mode: 'explicit' }
  | ({ readonly mode: 'onEvent' } & MatchModel)

export interface StepModel {
  /** Stable within the track: progress belongs to it through all versions. */
  readonly key: string
  readonly title?: Text | undefined
  readonly description?: Text | undefined
  /** Steps that have to be completed first. */
  readonly after?: { readonly all: readonly string[] } | { readonly any: readonly string[] } | undefined
  readonly complete: ConditionModel
  readonly reward?: RewardModel | undefined
}

export interface RewardModel {
  /** Experience points, a whole number; 0 grants nothing. */
  readonly xp?: number | undefined
  readonly badge?: string | undefined
}

export type ConditionModel =
  | { readonly all: readonly ConditionModel[] }
  | { readonly any: readonly ConditionModel[] }
  | { readonly sequence: readonly ConditionModel[] }
  | LeafModel

/** What an event has to be like. */
export interface MatchModel {
  /** Key of the event contract. */
  readonly event: string
  /** A major (`"1"`) or a full version; any version when absent. */
  readonly version?: string | undefined
  readonly source?: string | undefined
  /** JSON Pointers into the payload, to operators or a bare value. */
  readonly where?: { readonly [pointer: string]: Operators | Scalar } | undefined
  /** `client` also counts events that the learner's own app reports. */
  readonly trust?: 'server' | 'client' | undefined
}

export interface LeafModel extends MatchModel {
  readonly atLeast?: number | undefined
  /** JSON Pointer: only entries with a new value there count. */
  readonly distinctBy?: string | undefined
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
