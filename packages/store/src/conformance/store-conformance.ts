import type { JournalStore } from '@waymark/learning-journey/ports'
import { afterEach, describe } from 'vitest'
import { checkpointCases } from './checkpoint-cases.ts'
import { emittedCases } from './emitted-cases.ts'
import { erasureCases } from './erasure-cases.ts'
import { eventListCases } from './event-list-cases.ts'
import { factCases } from './fact-cases.ts'
import type { Harness } from './harness.ts'
import { inboxCases } from './inbox-cases.ts'
import { jobCases } from './job-cases.ts'
import { journalCases } from './journal-cases.ts'
import { lifecycleCases } from './lifecycle-cases.ts'
import { membershipCases } from './membership-cases.ts'
import { mergeCases } from './merge-cases.ts'
import { enrolmentCases, factListCases, subjectListCases } from './operator-list-cases.ts'
import { rejectedCases } from './rejected-cases.ts'
import { relayCases } from './relay-cases.ts'
import { retentionCases } from './retention-cases.ts'
import { rollupCases } from './rollup-cases.ts'
import { roundCases } from './round-cases.ts'
import { stateCases } from './state-cases.ts'
import { subjectCases } from './subject-cases.ts'
import { timerCases } from './timer-cases.ts'
import { trackStatusCases } from './track-status-cases.ts'
import { trackVersionCases } from './track-version-cases.ts'
import { unitOfWorkCases } from './unit-of-work-cases.ts'
import { unknownEventCases } from './unknown-event-cases.ts'

export interface StoreConformanceOptions {
  /** Name of the adapter, for the titles. */
  readonly name: string
  /** Opens an empty store. Called for every test; the suite closes what it opened. */
  open(): Promise<JournalStore>
  /** Opens again the data of a store that was closed. Without it the suite skips what needs it, and says so. */
  reopen?(closed: JournalStore): Promise<JournalStore>
}

/**
 * Declares the tests that every `JournalStore` passes, in a vitest suite of its own. Rounds may be concurrent as far as
 * `maxRounds` says.
 */
export function storeConformance({ name, open, reopen }: StoreConformanceOptions): void {
  describe(`${name} keeps the promises of a store`, () => {
    const opened = new Set<JournalStore>()
    afterEach(async () => {
      for (const store of opened) await store.close()
      opened.clear()
    })

    async function track(opening: Promise<JournalStore>): Promise<JournalStore> {
      const store = await opening
      opened.add(store)
      return store
    }

    const harness: Harness = {
      open: () => track(open()),
      reopen: reopen === undefined ? undefined : (closed) => track(reopen(closed)),
    }
    describe('rounds', () => roundCases(harness))
    describe('states', () => stateCases(harness))
    describe('the journal', () => journalCases(harness))
    describe('checkpoints', () => checkpointCases(harness))
    describe('retention', () => retentionCases(harness))
    describe('facts', () => factCases(harness))
    describe('rejected events', () => rejectedCases(harness))
    describe('events that nothing knows', () => unknownEventCases(harness))
    describe('alarms', () => timerCases(harness))
    describe('memberships', () => membershipCases(harness))
    describe('merges', () => mergeCases(harness))
    describe('erasure', () => erasureCases(harness))
    describe('the list of subjects', () => subjectCases(harness))
    describe('track versions', () => trackVersionCases(harness))
    describe('the status of tracks', () => trackStatusCases(harness))
    describe('jobs', () => jobCases(harness))
    describe('enrolments', () => enrolmentCases(harness))
    describe('lists of events', () => eventListCases(harness))
    describe('lists of facts', () => factListCases(harness))
    describe('lists of subjects', () => subjectListCases(harness))
    describe('the rollup', () => rollupCases(harness))
    describe('units of work', () => unitOfWorkCases(harness))
    describe('what is handed on', () => relayCases(harness))
    describe('what was emitted', () => emittedCases(harness))
    describe('the inbox', () => inboxCases(harness))
    describe('closing', () => lifecycleCases(harness))
  })
}
