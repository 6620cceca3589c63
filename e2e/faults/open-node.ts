import { hash } from 'node:crypto'
import { composeRegistry, createRuntime, invoke } from '@waymark/contract'
import { createLearningJourney, LearningJourneyModule } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createUuidV7 } from '../../apps/server/src/uuid-v7.ts'
import implementation, { faultsModule, tracks } from './faults-module.ts'
import type { Post } from './send.ts'
import type { StoredRows } from './stored-rows.ts'

const TENANT = 'default'

/** What a server process does, in this process and without HTTP. The store stays open. */
export async function openNode(store: JournalStore): Promise<{ readonly post: Post; close(): Promise<void> }> {
  const registry = composeRegistry(LearningJourneyModule, faultsModule)
  const ports = {
    now: Date.now,
    newId: createUuidV7(Date.now),
    hash: (text: string) => hash('sha256', text, 'base64url').slice(0, 22),
    keyedHash: (text: string) => hash('sha256', text, 'base64url').slice(0, 22),
    after: (milliseconds: number, call: () => void) => {
      const timer = setTimeout(call, milliseconds)
      return () => clearTimeout(timer)
    },
  }
  const journey = await createLearningJourney({ registry, store, tracks, publish: 'auto', ...ports })
  const emitted = journey.recordEmitted()
  const runtime = createRuntime({
    registry,
    implementations: [journey.implementation, implementation],
    ports: { ...ports, unitOfWork: store.unitOfWork, onEmitted: emitted.kick },
  })
  return {
    post: async (path, input, headers = {}) => {
      const key = headers['idempotency-key']
      const result = await invoke(runtime, path.replaceAll('/', '.'), input, {
        principal: { kind: 'service', tenant: TENANT, id: 'faults', scopes: ['*'] },
        channel: 'rest',
        ...(key === undefined ? {} : { idempotencyKey: key }),
      })
      return result.ok ? { status: 200, body: result.data } : { status: result.problem.status, body: result.problem }
    },
    async close() {
      await emitted.close()
      await journey.close()
    },
  }
}

/** What a store holds of some learners. */
export async function readStoreRows(store: JournalStore, learners: Iterable<string>): Promise<StoredRows> {
  const keys = [...new Set(learners)].map((learner) => ({ tenant: TENANT, subject: `l:${learner}` }))
  const states = await Promise.all(keys.map((key) => store.readState(key)))
  const rejected = await store.readRejected({ tenant: TENANT, limit: 10_000 })
  const emitted = await store.claimEmitted(['ticket.drawn@1'], Number.MAX_SAFE_INTEGER, 0, 10_000)
  return {
    events: (await Promise.all(keys.map((key) => store.readEntries(key)))).flat(),
    facts: (await Promise.all(keys.map((key) => store.readFactsOf(key)))).flat(),
    states: keys.flatMap(({ subject }, index) => {
      const state = states[index]
      return state == null ? [] : [{ subject, state }]
    }),
    rejected: rejected.flatMap(({ eventId }) => eventId ?? []),
    emitted: emitted.map(({ body }) => body),
  }
}
