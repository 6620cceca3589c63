import { createHash } from 'node:crypto'
import { composeRegistry, createRuntime, defineEvent, defineModule, invoke, type Principal } from '@waymark/contract'
import {
  createLearningJourney,
  type LearningJourney,
  LearningJourneyModule,
  type PublishMode,
  type TrackModel,
} from '@waymark/learning-journey'
import type { FactRow, JournalStore } from '@waymark/learning-journey/ports'
import { z } from 'zod'

export const START = Date.parse('2026-03-01T12:00:00Z')
export const MINUTE = 60_000
export const DAY = 86_400_000
const TENANT = 'default'
const SERVICE: Principal = { kind: 'service', tenant: TENANT, id: 'key', scopes: ['*'] }
const hash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22)

/** A track out of steps, by key. */
export function track(version: string, steps: Readonly<Record<string, object>>, rest: Partial<TrackModel> = {}): TrackModel {
  return {
    format: 'waymark.track/1',
    key: 'first-win',
    version,
    steps: Object.entries(steps).map(([key, step]) => ({
      key,
      ...('complete' in step ? step : { complete: step }),
    })) as unknown as TrackModel['steps'],
    ...rest,
  }
}

/** A journey on a store, with a clock that a test sets. Events named in `names` can be reported. */
export class LiveJourney {
  readonly store: JournalStore
  readonly failures: unknown[] = []
  now = START
  #ids = 0
  #journey: LearningJourney | undefined
  readonly #runtime: ReturnType<typeof createRuntime>

  private constructor(store: JournalStore, journey: LearningJourney, runtime: ReturnType<typeof createRuntime>) {
    this.store = store
    this.#journey = journey
    this.#runtime = runtime
  }

  static async start(
    store: JournalStore,
    tracks: readonly TrackModel[],
    { publish = 'auto', names = ['a', 'b', 'c', 'd'] }: { publish?: PublishMode; names?: readonly string[] } = {},
  ): Promise<LiveJourney> {
    const contracts = names.map((key) =>
      defineEvent({
        meta: {
          key: `event.${key}`,
          version: '1.0.0',
          stability: 'stable',
          owners: ['tests'],
          tags: [],
          description: 'A test event.',
        },
        payload: z.looseObject({}),
      }),
    )
    const registry = composeRegistry(LearningJourneyModule, defineModule({ key: 'events', contracts }))
    // What the ports close over is there before any of them is called.
    const live: { journey?: LiveJourney } = {}
    const ports = {
      now: () => live.journey?.now ?? START,
      newId: () => `${process.pid}-${live.journey === undefined ? 0 : ++live.journey.#ids}-${Math.random()}`,
      hash,
      keyedHash: hash,
      after: (milliseconds: number, call: () => void) => {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
    }
    const onFailure = (error: unknown) => live.journey?.failures.push(error)
    const journey = await createLearningJourney({ registry, store, tracks, publish, onFailure, ...ports })
    const runtime = createRuntime({
      registry,
      implementations: [journey.implementation],
      ports: { ...ports, unitOfWork: store.unitOfWork, onFailure: ({ error }) => onFailure(error) },
    })
    live.journey = new LiveJourney(store, journey, runtime)
    return live.journey
  }

  /** The answer of a call that has to succeed. */
  async ok(operation: string, input: object, idempotencyKey?: string): Promise<Answer> {
    const result = await this.call(operation, input, idempotencyKey)
    if (!result.ok) throw new Error(`${JSON.stringify(result.problem)} ${this.failures.map(String).join('; ')}`)
    return result.data as Answer
  }

  /** The code of a call that has to fail. */
  async problem(operation: string, input: object) {
    const result = await this.call(operation, input)
    if (result.ok) throw new Error(`Expected a problem, got ${JSON.stringify(result.data)}`)
    return result.problem
  }

  call(operation: string, input: object, idempotencyKey?: string) {
    const envelope = { principal: SERVICE, channel: 'rest', ...(idempotencyKey === undefined ? {} : { idempotencyKey }) } as const
    return invoke(this.#runtime, `learning.onboarding.${operation}`, input, envelope)
  }

  /** Records `event.<name>` of a learner now, under an id of its own, whether a step listens to it or not. */
  async event(learnerId: string, name: string): Promise<void> {
    const { results } = await this.ok('ingest', {
      events: [{ learnerId, eventName: `event.${name}`, eventId: `${name}-${this.now}` }],
    })
    const { status } = (results as { status: string }[])[0] ?? {}
    if (status !== 'recorded' && status !== 'unmatched') throw new Error(`${name} of ${learnerId}: ${status}`)
  }

  publish(definition: TrackModel, policy?: string) {
    return this.ok('publishTrack', { definition, ...(policy === undefined ? {} : { policy }) })
  }

  /** Waits for all jobs. */
  async jobs(): Promise<void> {
    await this.#journey?.runJobs()
  }

  /** What the newest job says once it has ended. */
  async job(jobId: unknown): Promise<Answer> {
    await this.jobs()
    return this.ok('getJob', { jobId })
  }

  async wake(): Promise<void> {
    await this.#journey?.wake()
  }

  async progress(learnerId: string): Promise<Answer> {
    const { tracks, ...rest } = await this.ok('getProgress', { learnerId })
    return { ...rest, ...(tracks as Answer[])[0] }
  }

  facts(learnerId: string): Promise<readonly FactRow[]> {
    return this.store.readFactsOf({ tenant: TENANT, subject: `l:${learnerId}` })
  }

  /** `name step` of every fact, those of the past with a star. */
  async told(learnerId: string): Promise<string[]> {
    const facts = await this.facts(learnerId)
    return facts.map(
      ({ name, step, backfilled }) =>
        `${name.replace('learning.onboarding.', '')}${step === null ? '' : ` ${step}`}${backfilled ? ' *' : ''}`,
    )
  }

  /** The packed state, as text. */
  async state(learnerId: string): Promise<string> {
    const state = await this.store.readState({ tenant: TENANT, subject: `l:${learnerId}` })
    return state === null ? '' : Buffer.from(state).toString('hex')
  }

  /** Ends what runs by itself; the store stays open. */
  async close(): Promise<void> {
    await this.#journey?.close()
  }
}

type Answer = Record<string, unknown>
