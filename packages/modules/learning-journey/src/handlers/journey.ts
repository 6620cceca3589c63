import type { Registry } from '@waymark/contract'
import type { JournalStore } from '../ports/index.ts'
import type { Catalogue } from '../record/catalogue.ts'
import type { Recorder } from '../record/recorder.ts'

/** What the handlers of the module share. */
export interface Journey {
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly store: JournalStore
  readonly recorder: Recorder
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly newId: () => string
  readonly hash: (text: string) => string
}

/** A time as the contracts write it. */
export function toMoment(time: number): string {
  return new Date(time).toISOString()
}

/** A time that may not have come. */
export function toMomentOrNull(time: number | null): string | null {
  return time === null || time < 0 ? null : toMoment(time)
}
