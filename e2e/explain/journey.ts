import { createHash } from 'node:crypto'
import {
  composeRegistry,
  createRuntime,
  defineEvent,
  defineModule,
  type InputOf,
  invoke,
  type Operation,
  type OutputOf,
  type Principal,
  type Problem,
} from '@waymark/contract'
import { createLearningJourney, LearningJourneyModule, type TrackModel } from '@waymark/learning-journey'
import type { EntryRow, JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { z } from 'zod'
import { parseTrack } from '../../packages/modules/learning-journey/src/track/definition.ts'

export const START = Date.parse('2026-03-02T09:00:00Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const SERVICE: Principal = { kind: 'service', tenant: 'acme', id: 'key', scopes: ['*'] }
export const ADA: Principal = { kind: 'learner', tenant: 'acme', id: 'ada', accounts: ['north'] }

const Payload = z.looseObject({ amount: z.number().optional(), pipelineId: z.string().optional() })

function event(key: string, version = '1.0.0', reportableBy: 'server' | 'client' = 'client') {
  const meta = { key, version, stability: 'stable', owners: ['test'], tags: [], description: 'For a test.' } as const
  return defineEvent({ meta, payload: Payload, reportableBy })
}

const NAMES = ['pipeline.created', 'deal.created', 'deal.won', 'task.done', 'a', 'b', 'c', 'd']
export const registry = composeRegistry(
  LearningJourneyModule,
  defineModule({ key: 'test', contracts: [...NAMES.map((name) => event(name)), event('server.only', '1.0.0', 'server')] }),
)

/** A track as JSON has it. */
export function parsed(definition: object): TrackModel {
  const result = parseTrack({ format: 'waymark.track/1', version: '1.0.0', ...definition })
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result.track
}

/** The module at work, with a clock that the test sets. */
export async function startJourney(tracks: readonly TrackModel[], store: JournalStore = createMemoryStore()) {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  const clock = { now: START }
  let ids = 0
  const shared = {
    now: () => clock.now,
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
    hash,
    keyedHash: hash,
    after: () => () => {},
  }
  const journey = await createLearningJourney({ registry, store, tracks, publish: 'auto', ...shared })
  const failures: unknown[] = []
  const ports = { ...shared, unitOfWork: store.unitOfWork, onFailure: ({ error }: { error: unknown }) => failures.push(error) }
  const runtime = createRuntime({ registry, implementations: [journey.implementation], ports })
  const call = <O extends Operation>(operation: O, input: InputOf<O>, principal = SERVICE) =>
    invoke(runtime, operation, input, { principal, channel: 'rest' })
  return {
    journey,
    store,
    clock,
    async ok<O extends Operation>(operation: O, input: InputOf<O>, principal?: Principal): Promise<OutputOf<O>> {
      const result = await call(operation, input, principal)
      if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.detail} ${failures.map(String).join('; ')}`)
      return result.data
    },
    async problem<O extends Operation>(operation: O, input: InputOf<O>, principal?: Principal): Promise<Problem> {
      const result = await call(operation, input, principal)
      if (result.ok) throw new Error(`Expected a problem, got ${JSON.stringify(result.data)}`)
      return result.problem
    },
    /** Puts a control entry into the journal, as a command would; it counts with the next event. */
    async control(name: string, payload: object, at: number, subject = 'l:ada'): Promise<void> {
      const entry: EntryRow = {
        tenant: 'acme',
        subject,
        source: 'waymark',
        eventId: `control-${++ids}`,
        kind: 'control',
        name: `waymark.${name}`,
        version: '',
        occurredAt: at,
        receivedAt: at,
        claimedAt: null,
        account: null,
        actor: null,
        track: 'trackId' in payload ? String(payload.trackId) : null,
        channel: 'rest',
        keyId: null,
        bodyHash: '',
        payload: JSON.stringify(payload),
      }
      const round = await store.append([entry], [])
      await round.commit(NOTHING)
    },
  }
}

const NOTHING = {
  states: [],
  facts: [],
  rejected: [],
  redriven: [],
  outdated: [],
  checkpoints: [],
  expired: [],
  timers: [],
  enrolments: [],
  memberships: [],
}

export function at(milliseconds: number): string {
  return new Date(START + milliseconds).toISOString()
}
