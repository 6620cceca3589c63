import { expect, test } from 'vitest'
import { START } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { sha256 } from '../../test-support/journey-process.ts'
import { createShell, learner } from '../../test-support/record-shell.ts'
import { createTombstones } from './tombstones.ts'

test('events up to the moment somebody was forgotten are erased, later ones are not; others and other tenants are not concerned', async () => {
  const store = createFakeStore()
  const tombstones = createTombstones(store, sha256)
  await store.erase([learner('ada')], [tombstones.of('acme', 'ada', START)])
  expect(tombstones.isErased('acme', 'ada', START)).toBe(false)
  await tombstones.reload()
  expect([START - 1, START, START + 1].map((at) => tombstones.isErased('acme', 'ada', at))).toEqual([true, true, false])
  expect([tombstones.isErased('acme', 'bob', 0), tombstones.isErased('other', 'ada', 0)]).toEqual([false, false])
})

test('of somebody who was forgotten twice the later moment counts, in whichever order they are read', async () => {
  const store = createFakeStore()
  const tombstones = createTombstones(store, sha256)
  for (const at of [START, START + 10, START + 5]) store.tables.tombstones.push(tombstones.of('acme', 'ada', at))
  await tombstones.reload()
  expect([START + 10, START + 11].map((at) => tombstones.isErased('acme', 'ada', at))).toEqual([true, false])
})

test('a row says nobody by name, and the same id of two tenants differs', () => {
  const tombstones = createTombstones(createFakeStore(), sha256)
  const row = tombstones.of('acme', 'ada@example.org', START)
  expect(row).toEqual({ tenant: 'acme', idHash: sha256('acme\0ada@example.org'), erasedAt: START })
  expect(tombstones.of('other', 'ada@example.org', START).idHash).not.toBe(row.idHash)
})

test('where nobody was forgotten, nothing is hashed', async () => {
  let hashed = 0
  const store = createFakeStore()
  const tombstones = createTombstones(store, (text) => {
    hashed += 1
    return sha256(text)
  })
  await tombstones.reload()
  tombstones.isErased('acme', 'ada', START)
  expect(hashed).toBe(0)
})

test('an event about somebody who was forgotten after it is not kept; a later one starts anew', async () => {
  const shell = createShell([])
  const old = shell.event('ada', 'pipeline.created', { eventId: 'old' })
  await shell.timers.advance(60_000)
  await shell.store.erase([learner('ada')], [shell.tombstones.of('acme', 'ada', shell.now())])
  await shell.timers.advance(1_000)
  const fresh = shell.event('ada', 'pipeline.created', { eventId: 'new' })
  expect((await shell.record([old, fresh])).map(({ append }) => append)).toEqual(['erased', 'recorded'])
  expect(shell.store.entries.map(({ eventId }) => eventId)).toEqual(['new'])
})

test('that somebody was forgotten is known to a process that another one did not tell', async () => {
  const shell = createShell([])
  const old = shell.event('ada', 'pipeline.created', { eventId: 'old' })
  const rounds: number[] = []
  shell.store.beforeAppend = (rows) => void rounds.push(rows.length)
  await shell.store.erase([learner('ada')], [shell.tombstones.of('acme', 'ada', shell.now())])
  expect((await shell.record([old])).map(({ append }) => append)).toEqual(['erased'])
  expect([rounds, shell.store.ends, shell.reloads]).toEqual([[1, 0], ['rolled back', 'committed'], 1])
})
