import type { TrackModel } from '@waymark/learning-journey'

/** One acceptance case as data. The format is described in docs/reference/vectors.md. */
export interface Vector {
  readonly id: string
  readonly title: string
  /** Event contracts by key; an event that is not here takes any payload, from servers only, in version 1.0.0. */
  readonly events?: { readonly [key: string]: EventSpec }
  readonly track?: TrackModel
  readonly tracks?: readonly TrackModel[]
  /** Adds this many tracks that listen to other events. */
  readonly unrelatedTracks?: number
  readonly entries: readonly Call[]
  /** `all`: every order of the entries has to give the same end. */
  readonly orders?: 'all'
  /** Sends all entries at once. */
  readonly parallel?: boolean
  /** Interrupts the record path at each of its points in turn, starts again and sends everything again. */
  readonly crash?: boolean
  readonly expect?: Expectation
}

export interface EventSpec {
  readonly version?: string
  readonly reportableBy?: 'server' | 'client'
  /** ISO 8601 duration. */
  readonly retention?: string
  /** JSON Schema. */
  readonly payload?: { readonly [keyword: string]: unknown }
}

/** A call of an operation; every field that is not listed here is its input. */
export interface Call {
  /** An operation of `learning.onboarding`; `recordEvent` when absent. */
  readonly call?: string
  /** `service` when absent; `learner:<id>` or `anonymous`. */
  readonly as?: string
  /** When it arrives; one second after the call before when absent. */
  readonly receivedAt?: string
  /** Sends it this many times with the ids `<eventId>-<n>`, one second apart, by `ingest`. */
  readonly repeat?: number
  /** Instead of a call: serves these tracks from now on. */
  readonly publish?: readonly TrackModel[]
  /** Instead of a call: forgets what is to be forgotten at this moment. */
  readonly sweep?: string
  /** Instead of a call: lets time pass until this moment. */
  readonly wake?: string
  /** What the answer has to contain; `{ "problem": { … } }` for a refusal. */
  readonly expect?: unknown
  readonly [field: string]: unknown
}

export interface Expectation {
  /** By learner: what `getProgress` has to contain. */
  readonly progress?: { readonly [learner: string]: unknown }
  /** By learner, or by account as `a:<id>`: all facts as `name:step`, sorted. */
  readonly facts?: { readonly [learner: string]: readonly string[] }
  /** By learner: those of the facts that an import brought about. */
  readonly backfilled?: { readonly [learner: string]: readonly string[] }
  /** By learner: entries in the journal whose payload has expired. */
  readonly expired?: { readonly [learner: string]: number }
  /** By learner, or by account as `a:<id>`: entries in the journal. */
  readonly journal?: { readonly [learner: string]: number }
  /** By learner, or by account as `a:<id>`: whether there is a state row. */
  readonly state?: { readonly [learner: string]: boolean }
  /** By learner: the most bytes that the state may have. */
  readonly stateBytes?: { readonly [learner: string]: number }
  /** How many rejected events are kept. */
  readonly rejected?: number
  /** The tracks cannot be served, and the message has each of these texts. */
  readonly refused?: readonly string[]
}
