import { composeRegistry, defineEvent, defineModule, type InputOf, type Operation, type Principal } from '@waymark/contract'
import { LearningJourneyModule, parseTrack, type TrackModel } from '@waymark/learning-journey'
import type { EntryRow, JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { z } from 'zod'
import { SERVICE, startJourneyOn } from '../../packages/modules/learning-journey/test-support/journey-process.ts'
import { derived } from '../../packages/store/src/conformance/rows.ts'

export const START = Date.parse('2026-03-02T09:00:00Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
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

/** The module at work in memory, with a clock that the test sets and alarms that never ring. */
export async function startJourney(tracks: readonly TrackModel[], store: JournalStore = createMemoryStore()) {
  const at = await startJourneyOn(tracks, { registry, store, after: () => () => {} })
  at.clock.now = START
  let controls = 0
  return {
    ...at,
    ok: <O extends Operation>(operation: O, input: InputOf<O>, principal: Principal = SERVICE) =>
      at.ok(operation, input, { principal }),
    problem: <O extends Operation>(operation: O, input: InputOf<O>, principal: Principal = SERVICE) =>
      at.problem(operation, input, { principal }),
    /** Puts a control entry into the journal, as a command would; it counts with the next event. */
    async control(name: string, payload: object, at: number, subject = 'l:ada'): Promise<void> {
      const entry: EntryRow = {
        tenant: 'acme',
        subject,
        source: 'waymark',
        eventId: `control-${++controls}`,
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
      await round.commit(derived())
    },
  }
}

export function at(milliseconds: number): string {
  return new Date(START + milliseconds).toISOString()
}
