import { composeRegistry, defineEvent, defineModule } from '@waymark/contract'
import { LearningJourneyModule, type LearningJourneyOptions, parseTrack, type TrackModel } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { z } from 'zod'
import { START } from '../../packages/modules/learning-journey/test-support/entries.ts'
import { startJourneyOn } from '../../packages/modules/learning-journey/test-support/journey-process.ts'

export { START } from '../../packages/modules/learning-journey/test-support/entries.ts'
export { ADA, SERVICE } from '../../packages/modules/learning-journey/test-support/journey-process.ts'

const events = ['pipeline.created', 'deal.created', 'deal.won', 'page.read'].map((key) =>
  defineEvent({
    meta: { key, version: '1.0.0', stability: 'stable', owners: ['crm'], tags: [], description: 'For a test.' },
    payload: z.looseObject({}),
    reportableBy: key === 'page.read' ? 'client' : 'server',
  }),
)
const registry = composeRegistry(LearningJourneyModule, defineModule({ key: 'crm', contracts: events }))

/** A track out of steps that each want one event. */
export function track(key: string, steps: readonly object[], rest: object = {}): TrackModel {
  const parsed = parseTrack({ format: 'waymark.track/1', key, version: '1.0.0', steps, ...rest })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.track
}

/** The moment so many seconds after the start. */
export function at(second: number): string {
  return new Date(START + second * 1_000).toISOString()
}

/** The module at work on a store, in memory when none is given, with a clock that a test sets and alarms that ring when a test says so. */
export async function startPeople(
  tracks: readonly TrackModel[],
  { store = createMemoryStore(), ...rest }: { readonly store?: JournalStore } & Partial<LearningJourneyOptions> = {},
) {
  const people = await startJourneyOn(tracks, { registry, ...rest, store })
  return {
    ...people,
    /** The names of a subject's facts, each with its step, in the order in which they were appended. */
    async facts(subject: string): Promise<string[]> {
      const facts = await store.readFactsOf({ tenant: 'acme', subject })
      return facts.map(({ name, step }) => `${name.replace('learning.onboarding.', '')}${step === null ? '' : `:${step}`}`)
    },
    entries: (subject: string, names?: readonly string[]) => store.readEntries({ tenant: 'acme', subject }, names),
  }
}
