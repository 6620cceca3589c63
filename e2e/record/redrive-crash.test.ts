import type { Principal, Result } from '@waymark/contract'
import type { TrackModel } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { crashAt } from '../cases/faulty-store.ts'
import { VectorProcess } from '../cases/process.ts'
import { openStores } from '../cases/stores.ts'

const { stores, end } = openStores()
afterAll(end)

const SERVICE: Principal = { kind: 'service', tenant: 'default', id: 'key', scopes: ['*'] }
const ADA = { tenant: 'default', subject: 'l:ada' }
const EVENTS = ['e1', 'e2', 'e3'].map((eventId) => ({ learnerId: 'ada', eventName: 'task.done', eventId, trackId: 'later' }))
const POINTS_OF_A_ROUND = 4

function track(key: string): TrackModel {
  const complete = { event: 'task.done', atLeast: EVENTS.length }
  return { format: 'waymark.track/1', key, version: '1.0.0', steps: [{ key: 'all', complete, reward: { xp: 10 } }] }
}

/** A process that serves one track on a store. */
async function serving(store: JournalStore, key: string): Promise<VectorProcess> {
  const process = new VectorProcess({ id: 'redrive', title: '', track: track(key), entries: [] }, store)
  await process.start()
  return process
}

function statusesOf(result: Result): readonly string[] {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.detail}`)
  return (result.data as { readonly results: readonly { readonly status: string }[] }).results.map(({ status }) => status)
}

describe.each(stores)('on $name', ({ open }) => {
  it.each(Array.from({ length: POINTS_OF_A_ROUND + 1 }, (_, point) => point))(
    'a process that dies at point %i of a redrive counts nothing twice and loses nothing',
    async (point) => {
      const opened = await open()
      onTestFinished(opened.remove)
      const early = await serving(opened.store, 'early')
      expect(statusesOf(await early.invoke('ingest', { events: EVENTS }, SERVICE))).toEqual(EVENTS.map(() => 'invalid'))
      const ids = (await opened.store.readRejected({ tenant: 'default', limit: 10 })).map(({ id }) => id)

      const dying = await serving(crashAt(opened.store, point), 'later')
      const first = await dying.invoke('redriveRejected', { ids }, SERVICE)
      expect(first.ok).toBe(point === POINTS_OF_A_ROUND)

      const store = await opened.reopen()
      onTestFinished(() => store.close())
      const left = await store.readRejected({ tenant: 'default', limit: 10 })
      // Both are done in one transaction: what is stored is no longer rejected, and the other way round.
      expect(left.length + (await store.readEntries(ADA)).length).toBe(EVENTS.length)
      const again = await serving(store, 'later')
      const isDone = left.length === 0
      expect(statusesOf(await again.invoke('redriveRejected', { ids }, SERVICE))).toEqual(
        EVENTS.map(() => (isDone ? 'not_found' : 'recorded')),
      )
      expect(await store.readRejected({ tenant: 'default', limit: 10 })).toEqual([])
      expect(await store.readEntries(ADA)).toHaveLength(EVENTS.length)
      const facts = await store.readFactsOf(ADA)
      expect(facts.filter(({ name }) => name.endsWith('xp.granted'))).toHaveLength(1)
    },
  )
})
