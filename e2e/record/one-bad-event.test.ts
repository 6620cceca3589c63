import type { Principal } from '@waymark/contract'
import type { EntryRow, JournalStore } from '@waymark/learning-journey/ports'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { VectorProcess } from '../cases/process.ts'
import { openStores } from '../cases/stores.ts'

const TENANTS = ['acme', 'acme/test', 'zeta'] as const
const GOOD = 33
const BAD = { NUL: 'a\0b', 'an over-long id': 'x'.repeat(257), 'a lone surrogate': 'a\ud800' }

const track = {
  format: 'waymark.track/1',
  key: 'first',
  version: '1.0.0',
  steps: [{ key: 'many', complete: { event: 'task.done', atLeast: GOOD } }],
} as const

/** The store, with the entries of each round that it was asked to open. */
function watched(store: JournalStore): { readonly store: JournalStore; readonly rounds: (readonly EntryRow[])[] } {
  const rounds: (readonly EntryRow[])[] = []
  const append: JournalStore['append'] = (entries, wanted) => {
    rounds.push(entries)
    return store.append(entries, wanted)
  }
  return { store: { ...store, append }, rounds }
}

const { stores, end } = openStores()
afterAll(end)

describe.each(stores)('A46 on $name', ({ open }) => {
  it.each(Object.entries(BAD))(
    'one event with %s among 99 in one flush of three tenants: 99 committed, one invalid, no foreign row',
    async (_, bad) => {
      const opened = await open()
      onTestFinished(async () => {
        await opened.store.close()
        await opened.remove()
      })
      const { store, rounds } = watched(opened.store)
      const process = new VectorProcess({ id: 'A46', title: '', track, entries: [] }, store)
      await process.start()
      const answers = await Promise.all(
        TENANTS.map((tenant, index) => {
          const events: object[] = Array.from({ length: GOOD }, (_, n) => event(`${n}`))
          if (index === 1) events.splice(17, 0, event(bad))
          const principal: Principal = { kind: 'service', tenant, id: 'key', scopes: ['*'] }
          return process.invoke('ingest', { events }, principal)
        }),
      )

      expect(rounds.map((entries) => entries.length)).toEqual([99])
      expect(answers.map((answer) => answer.ok && statusesOf(answer.data))).toEqual([
        { recorded: GOOD },
        { recorded: GOOD, invalid: 1 },
        { recorded: GOOD },
      ])
      for (const [index, tenant] of TENANTS.entries()) {
        const entries = await store.readEntries({ tenant, subject: 'l:ada' })
        expect(entries.map((entry) => entry.tenant)).toEqual(Array(GOOD).fill(tenant))
        const rejected = await store.readRejected({ tenant, limit: 10 })
        expect(rejected.map(({ problem }) => JSON.parse(problem).code)).toEqual(index === 1 ? ['VALIDATION_FAILED'] : [])
        await store.sequence()
        const facts = await store.readFacts({ tenant, limit: 10 })
        expect(facts.map(({ name }) => name.split('.').slice(2).join('.'))).toEqual([
          'enrolled',
          'step.completed',
          'track.completed',
        ])
      }
    },
  )
})

function event(eventId: string) {
  return { learnerId: 'ada', eventName: 'task.done', eventId }
}

function statusesOf(data: unknown): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of (data as { readonly results: readonly { readonly status: string }[] }).results)
    counts[status] = (counts[status] ?? 0) + 1
  return counts
}
