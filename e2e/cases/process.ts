import { createHash } from 'node:crypto'
import {
  composeRegistry,
  createRuntime,
  defineEvent,
  defineModule,
  type EventContract,
  invoke,
  type Principal,
  type Result,
  type Runtime,
} from '@waymark/contract'
import { createLearningJourney, type LearningJourney, LearningJourneyModule, type TrackModel } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { z } from 'zod'
import type { Call, EventSpec, Vector } from './vector.ts'

const FIRST_MOMENT = Date.parse('2026-03-01T12:00:00Z')

/** One process that serves a vector's tracks on a store, with a clock of its own. */
export class VectorProcess {
  readonly #vector: Vector
  readonly #store: JournalStore
  #runtime: Runtime | undefined
  #journey: LearningJourney | undefined
  #now = FIRST_MOMENT
  #ids = 0

  constructor(vector: Vector, store: JournalStore) {
    this.#vector = vector
    this.#store = store
  }

  /** Serves tracks; those of the vector when none are given. */
  async start(tracks: readonly TrackModel[] = tracksOf(this.#vector)): Promise<void> {
    const registry = composeRegistry(
      LearningJourneyModule,
      defineModule({ key: 'vector', contracts: eventsOf(this.#vector, tracks) }),
    )
    const ports = {
      now: () => this.#now,
      newId: () => `id-${++this.#ids}`,
      hash: (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22),
      keyedHash: (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22),
      after: (milliseconds: number, call: () => void) => {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
    }
    await this.close()
    this.#journey = await createLearningJourney({ registry, store: this.#store, tracks, publish: 'auto', ...ports })
    this.#runtime = createRuntime({
      registry,
      implementations: [this.#journey.implementation],
      ports: { ...ports, unitOfWork: this.#store.unitOfWork },
    })
  }

  /** Forgets what is to be forgotten at a moment. */
  async sweep(moment: string): Promise<void> {
    this.#now = Date.parse(moment)
    await this.#journey?.sweep()
  }

  /** Lets time pass until a moment. */
  async wake(moment: string): Promise<void> {
    this.#now = Date.parse(moment)
    await this.#journey?.wake()
  }

  /** Makes one call of the vector. */
  async call(call: Call, at?: number): Promise<Result> {
    const { call: operation = 'recordEvent', as = 'service', receivedAt, expect: _, repeat: __, publish: ___, ...input } = call
    this.#now = receivedAt === undefined ? (at ?? this.#now + 1_000) : Date.parse(receivedAt)
    const result = await this.invoke(operation, input, principalOf(as))
    // What publishing leaves to a job is done before the next call.
    if (result.ok && typeof (result.data as { jobId?: unknown }).jobId === 'string') await this.#journey?.runJobs()
    return result
  }

  /** Sends a repeated call in batches; resolves with the statuses of all. */
  async repeat({ repeat = 0, expect: _, call: __, as: ___, receivedAt, ...event }: Call): Promise<string[]> {
    const start = Date.parse((event.occurredAt as string | undefined) ?? new Date(this.#now).toISOString())
    const statuses: string[] = []
    for (let from = 0; from < repeat; from += 500) {
      const events = Array.from({ length: Math.min(500, repeat - from) }, (_, index) => {
        const number = from + index
        return { ...event, eventId: `${event.eventId}-${number}`, occurredAt: new Date(start + number * 1_000).toISOString() }
      })
      this.#now = receivedAt === undefined ? start + repeat * 1_000 : Date.parse(receivedAt)
      const result = await this.invoke('ingest', { events }, SERVICE)
      if (!result.ok) throw new Error(`ingest refused the batch: ${result.problem.detail}`)
      statuses.push(...(result.data as { results: { status: string }[] }).results.map(({ status }) => status))
    }
    return statuses
  }

  /** Ends what runs by itself; the store stays open. */
  async close(): Promise<void> {
    await this.#journey?.close()
    this.#journey = undefined
  }

  invoke(operation: string, input: unknown, principal: Principal = SERVICE): Promise<Result> {
    if (this.#runtime === undefined) throw new Error('The process was not started.')
    return invoke(this.#runtime, `learning.onboarding.${operation}`, input, { principal, channel: 'rest' })
  }
}

const SERVICE: Principal = { kind: 'service', tenant: 'default', id: 'vector', scopes: ['*'] }

function principalOf(as: string): Principal {
  if (as === 'service') return SERVICE
  if (as === 'anonymous') return { kind: 'anonymous', tenant: 'default' }
  const [kind, id] = as.split(':')
  if (kind !== 'learner' || !id) throw new Error(`"as" is ${JSON.stringify(as)}; expected service, anonymous or learner:<id>.`)
  return { kind: 'learner', tenant: 'default', id }
}

export function tracksOf({ track, tracks = [], unrelatedTracks = 0 }: Vector): TrackModel[] {
  const unrelated = Array.from(
    { length: unrelatedTracks },
    (_, index): TrackModel => ({
      format: 'waymark.track/1',
      key: `unrelated-${index}`,
      version: '1.0.0',
      steps: [{ key: 'only', complete: { event: `unrelated.event-${index}` } }],
    }),
  )
  return [...(track === undefined ? [] : [track]), ...tracks, ...unrelated]
}

function eventsOf(vector: Vector, tracks: readonly TrackModel[]): EventContract[] {
  const { events = {}, entries } = vector
  const named = new Set(Object.keys(events))
  const text = JSON.stringify([tracks, entries.map(({ publish, definition }) => [publish, definition])])
  for (const [, name] of text.matchAll(/"event":"([^"]+)"/g)) if (name !== undefined) named.add(name)
  return [...named].map((key) => toEvent(key, events[key] ?? {}))
}

function toEvent(key: string, { version = '1.0.0', reportableBy = 'server', payload, ...rest }: EventSpec): EventContract {
  return defineEvent({
    meta: { key, version, stability: 'stable', owners: ['vectors'], tags: [], description: `The event ${key} of a vector.` },
    payload: payload === undefined ? z.looseObject({}) : (z.fromJSONSchema(payload) as z.ZodType<object>),
    reportableBy,
    ...rest,
  })
}
