import { createHash } from 'node:crypto'
import {
  composeRegistry,
  createRuntime,
  defineEvent,
  defineModule,
  type Envelope,
  type InputOf,
  invoke,
  type Operation,
  type OutputOf,
  type Principal,
  type Problem,
} from '@waymark/contract'
import {
  createLearningJourney,
  LearningJourneyModule,
  type LearningJourneyOptions,
  parseTrack,
  type TrackModel,
} from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { z } from 'zod'

export const START = Date.parse('2026-03-01T12:00:00Z')
export const SERVICE: Principal = { kind: 'service', tenant: 'acme', id: 'key-1', scopes: ['*'] }
export const ADA = { kind: 'learner', tenant: 'acme', id: 'ada' } as const

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
  const clock = { now: START }
  let ids = 0
  const failures: unknown[] = []
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const ports = {
    now: () => clock.now,
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
    hash: sha256,
    // Short pauses are over at once; a long one waits for a clock that only a test sets.
    after: (milliseconds: number, call: () => void) => {
      const started = milliseconds > 1_000 ? undefined : setImmediate(call)
      return () => clearImmediate(started)
    },
  }
  const onFailure = (error: unknown) => failures.push(error)
  const options = { registry, store, tracks, publish: 'auto' as const, keyedHash: sha256, onFailure, ...ports, ...rest }
  const journey = await createLearningJourney(options)
  const runtime = createRuntime({
    registry,
    implementations: [journey.implementation],
    ports: { ...ports, unitOfWork: store.unitOfWork, onFailure: ({ error }) => failures.push(error) },
  })
  const call = <O extends Operation>(operation: O, input: InputOf<O>, envelope: Partial<Envelope> = {}) =>
    invoke(runtime, operation, input, { principal: SERVICE, channel: 'rest', ...envelope })
  return {
    journey,
    store,
    clock,
    failures,
    call,
    /** The answer of a call that has to succeed. */
    async ok<O extends Operation>(operation: O, input: InputOf<O>, envelope?: Partial<Envelope>): Promise<OutputOf<O>> {
      const result = await call(operation, input, envelope)
      if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.detail} ${failures.map(String).join('; ')}`)
      return result.data
    },
    /** The problem of a call that has to fail. */
    async problem<O extends Operation>(operation: O, input: InputOf<O>, envelope?: Partial<Envelope>): Promise<Problem> {
      const result = await call(operation, input, envelope)
      if (result.ok) throw new Error(`Expected a problem, got ${JSON.stringify(result.data)}`)
      return result.problem
    },
    /** The names of a subject's facts, each with its step, in the order in which they were appended. */
    async facts(subject: string): Promise<string[]> {
      const facts = await store.readFactsOf({ tenant: 'acme', subject })
      return facts.map(({ name, step }) => `${name.replace('learning.onboarding.', '')}${step === null ? '' : `:${step}`}`)
    },
    entries: (subject: string, names?: readonly string[]) => store.readEntries({ tenant: 'acme', subject }, names),
  }
}
