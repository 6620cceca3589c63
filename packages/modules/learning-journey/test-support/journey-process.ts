import { createHash } from 'node:crypto'
import {
  createRuntime,
  type Envelope,
  type InputOf,
  invoke,
  type LearnerPrincipal,
  type Operation,
  type OutputOf,
  type Ports,
  type Principal,
  type Problem,
} from '@waymark/contract'
import { createLearningJourney, type LearningJourneyOptions } from '../src/create-learning-journey.ts'
import type { TrackModel } from '../src/engine/index.ts'
import type { JournalStore } from '../src/ports/index.ts'
import { registry } from './crm.ts'
import { START } from './entries.ts'
import { createFakeStore, type FakeStore } from './fake-store.ts'

export const SERVICE: Principal = { kind: 'service', tenant: 'acme', id: 'key-1', scopes: ['*'] }
export const OPERATOR: Principal = { kind: 'operator', tenant: 'acme', id: 'olga', scopes: ['*'] }
export const ADA: LearnerPrincipal = { kind: 'learner', tenant: 'acme', id: 'ada' }

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const LONG_MS = 1_000

/** A short pause is over at once. A long one waits for a clock that only a test sets, and so for ever. */
function after(milliseconds: number, call: () => void): () => void {
  if (milliseconds > LONG_MS) return () => {}
  const started = setImmediate(call)
  return () => clearImmediate(started)
}

/** Everything of a journey but its tracks, as a test wants it. */
type Wanted<S extends JournalStore> = Partial<Omit<LearningJourneyOptions, 'tracks' | 'store'>> & { readonly store: S }

/** The module at work on a fake store, with a clock that a test sets. */
export function startJourney(tracks: readonly TrackModel[], options: Partial<Wanted<FakeStore>> = {}) {
  return startJourneyOn(tracks, { store: createFakeStore(), ...options })
}

/** The module at work on a store, with a clock that a test sets. */
export async function startJourneyOn<S extends JournalStore>(tracks: readonly TrackModel[], options: Wanted<S>) {
  const { store } = options
  const failures: unknown[] = []
  let ids = 0
  const clock = { now: START }
  const shared = {
    registry,
    publish: 'auto' as const,
    now: () => clock.now,
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
    hash: sha256,
    keyedHash: sha256,
    after,
    ...options,
  }
  const onFailure = (error: unknown) => failures.push(error)
  const journey = await createLearningJourney({ tracks, onFailure, ...shared })
  const ports: Ports = {
    ...shared,
    unitOfWork: store.unitOfWork,
    onFailure: ({ error }) => failures.push(error),
  }
  const runtime = createRuntime({ registry: shared.registry, implementations: [journey.implementation], ports })
  const call = <O extends Operation>(operation: O, input: InputOf<O>, envelope: Partial<Envelope> = {}) =>
    invoke(runtime, operation, input, { principal: SERVICE, channel: 'rest', ...envelope })
  return {
    journey,
    store,
    clock,
    /** Defects: errors behind an INTERNAL. */
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
  }
}
