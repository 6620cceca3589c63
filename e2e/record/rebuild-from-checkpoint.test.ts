import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrackModel } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { createSqliteStore } from '@waymark/store/sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { VectorProcess } from '../cases/process.ts'

/** Its first part goes on listening when it is full, and an older entry for it is not certain to change nothing: the second waits for it. */
const TRACK: TrackModel = {
  format: 'waymark.track/1',
  key: 't',
  version: '1.0.0',
  steps: [{ key: 'order', complete: { sequence: [{ event: 'a.done' }, { event: 'b.done', atLeast: 2 }] } }],
}
const START = Date.parse('2026-03-01T12:00:00Z')
const COUNT = 2_500

async function openSqlite(): Promise<JournalStore> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-rebuild-'))
  const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
  onTestFinished(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return store
}

/** Counts what rebuilds read. */
function counting(store: JournalStore) {
  const reads: { readonly resumed: boolean; readonly entries: number }[] = []
  const counted: JournalStore = {
    ...store,
    async append(entries, wanted) {
      const round = await store.append(entries, wanted)
      return {
        ...round,
        async history(requests) {
          const histories = await round.history(requests)
          for (const { checkpoint, entries } of histories) reads.push({ resumed: checkpoint !== null, entries: entries.length })
          return histories
        },
      }
    },
  }
  return { counted, reads }
}

it.each([
  ['memory', async () => createMemoryStore()],
  ['sqlite', openSqlite],
])('a late event rebuilds its track from the newest checkpoint before it: %s', async (_, open) => {
  const { counted, reads } = counting(await open())
  const process = new VectorProcess({ id: 'r', title: '', track: TRACK, entries: [] }, counted)
  await process.start()
  const event = (eventName: string, eventId: string, second: number) => ({
    learnerId: 'ann',
    eventName,
    eventId,
    occurredAt: new Date(START + second * 1_000).toISOString(),
    receivedAt: new Date(START + COUNT * 1_000).toISOString(),
  })
  await process.repeat({ ...event('a.done', 'a', 0), repeat: COUNT })
  expect(reads).toEqual([])

  // Between the second checkpoint and the end, between the first and the second, and before the first.
  const late = [2_200, 1_500, 1_400, 500]
  for (const second of late) await process.call(event('a.done', `late-${second}`, second + 0.5))
  expect(reads.map(({ resumed }) => resumed)).toEqual([true, true, true, false])
  expect(reads.map(({ entries }) => entries)).toEqual([502, 1_503, 1_504, COUNT + 4])
  // The rebuilds made new ones.
  await process.call(event('a.done', 'last', 2_300.5))
  expect(reads.at(-1)).toEqual({ resumed: true, entries: 2_500 + 5 - 1_999 })
  const answer = await process.invoke('explain', { learnerId: 'ann', trackId: 't' })
  expect(answer).toMatchObject({ ok: true, data: { steps: [{ detail: { parts: [{ actual: 1 }, { actual: 0 }] } }] } })
})
