import type { CallInfo, Registry } from '@waymark/contract'
import { isId } from '../contracts/text.ts'
import type { Calendar } from '../engine/index.ts'
import type { JournalStore, SubjectKey } from '../ports/index.ts'
import type { Publisher } from '../publishing/publisher.ts'
import type { Catalogue } from '../record/catalogue.ts'
import type { mergeLearners, Reporter } from '../record/follow-merge.ts'
import type { forgetLearner } from '../record/forget.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Tombstones } from '../record/tombstones.ts'
import type { UnknownEvents } from '../record/unknown-events.ts'
import type { FactFeed } from '../relay/fact-feed.ts'
import type { Levels } from '../track/define-levels.ts'
import type { Traits } from '../track/define-traits.ts'

/** What the handlers of the module share. */
export interface Journey {
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly calendar: Calendar
  readonly tombstones: Tombstones
  readonly store: JournalStore
  readonly recorder: Recorder
  readonly feed: FactFeed
  readonly publisher: Publisher
  readonly unknownEvents: UnknownEvents
  /** What learners and accounts are like, where that is declared. */
  readonly traits: Traits | undefined
  /** What experience points amount to, where that is declared. */
  readonly levels: Levels | undefined
  /** Told of a new job. */
  readonly onJob: () => void
  /** Removes everything of a learner. */
  readonly forget: (key: SubjectKey) => ReturnType<typeof forgetLearner>
  /** Makes what belongs to one learner another one's. */
  readonly merge: (from: SubjectKey, into: SubjectKey, reporter: Reporter) => ReturnType<typeof mergeLearners>
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly newId: () => string
  readonly hash: (text: string) => string
}

/** The id of what a call writes without naming it: the same again under the same idempotency key. */
export function idOfCall({ newId, hash }: Pick<Journey, 'newId' | 'hash'>, { idempotencyKey }: CallInfo, suffix = ''): string {
  if (idempotencyKey === undefined) return newId()
  const id = idempotencyKey + suffix
  return isId(id) ? id : hash(id)
}

/** A time as the contracts write it. */
export function toMoment(time: number): string {
  return new Date(time).toISOString()
}

/** A time that may not have come. */
export function toMomentOrNull(time: number | null): string | null {
  return time === null || time < 0 ? null : toMoment(time)
}
