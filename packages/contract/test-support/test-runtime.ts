import { createHash } from 'node:crypto'
import type { Module } from '../src/contract.ts'
import type { Implementation } from '../src/implement.ts'
import type { Envelope } from '../src/invoke.ts'
import type { LearnerPrincipal, OperatorPrincipal, ServicePrincipal } from '../src/principal.ts'
import { composeRegistry } from '../src/registry.ts'
import { createRuntime, type Ports } from '../src/runtime.ts'
import { createManualClock } from './manual-clock.ts'
import { createMemoryUnitOfWork } from './memory-unit-of-work.ts'

type Failure = Parameters<NonNullable<Ports['onFailure']>>[0]
type StageReport = Parameters<NonNullable<Ports['onStage']>>[0]

/** A runtime in memory, with everything it did on record. */
export function createTestRuntime(...implementations: readonly Implementation[]) {
  const clock = createManualClock()
  const store = createMemoryUnitOfWork()
  const failures: Failure[] = []
  const stages: StageReport[] = []
  const emissions: number[] = []
  let ids = 0
  const ports: Ports = {
    now: clock.now,
    after: clock.after,
    newId: () => `req-${++ids}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    unitOfWork: store,
    onEmitted: () => emissions.push(store.emitted.length),
    onFailure: (failure) => failures.push(failure),
    onStage: (stage) => stages.push(stage),
  }
  const modules: Module[] = implementations.map(({ module }) => module)
  const runtime = createRuntime({ registry: composeRegistry(...modules), implementations, ports })
  return { runtime, clock, store, failures, stages, emissions }
}

export function learner(id = 'ada'): LearnerPrincipal {
  return { kind: 'learner', tenant: 'acme', id }
}

export function service(...scopes: readonly string[]): ServicePrincipal {
  return { kind: 'service', tenant: 'acme', id: 'key-1', scopes: scopes.length === 0 ? ['*'] : scopes }
}

export function operator(...scopes: readonly string[]): OperatorPrincipal {
  return { kind: 'operator', tenant: 'acme', id: 'olga', scopes: scopes.length === 0 ? ['*'] : scopes }
}

/** What a surface would hand over. */
export function envelope(rest: Partial<Envelope> = {}): Envelope {
  return { principal: service(), channel: 'test', ...rest }
}

/** A promise that a test settles. */
export function gate<T = void>() {
  return Promise.withResolvers<T>()
}
