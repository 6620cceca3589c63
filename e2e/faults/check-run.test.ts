import { createMemoryStore } from '@waymark/store/memory'
import { expect, it, vi } from 'vitest'
import { checkRun, digestOf } from './check-run.ts'
import { ClientLog, type Sent } from './client-log.ts'
import { openNode, readStoreRows } from './open-node.ts'
import { createRandom, takeSeed } from './random.ts'
import { send, sendAgain } from './send.ts'
import type { StoredEvent, StoredRows } from './stored-rows.ts'
import { createWorkload } from './workload.ts'

const seed = takeSeed('the checker')

async function run(): Promise<{ readonly log: ClientLog; readonly rows: StoredRows }> {
  const store = createMemoryStore()
  const { post, close } = await openNode(store)
  const log = new ClientLog()
  const workload = createWorkload(createRandom(seed), 'run')
  for (let call = 0; call < 200; call++) await send(post, log, workload.next())
  await sendAgain(post, log)
  // What was emitted is recorded a moment later.
  await vi.waitFor(
    async () => expect(await store.claimEmitted(['ticket.drawn@1'], Number.MAX_SAFE_INTEGER, 0, 1)).toEqual([]),
    20_000,
  )
  await close()
  const rows = await readStoreRows(
    store,
    [...log.sent].map(({ learnerId }) => learnerId),
  )
  return { log, rows }
}

it('finds nothing wrong with a run in which nothing failed', async () => {
  const { log, rows } = await run()
  expect(checkRun(log, rows)).toEqual([])
  expect(rows.facts.length).toBeGreaterThan(50)
  expect(rows.rejected.length).toBeGreaterThan(50)
})

it('gives one digest for all orders of the rows, and another for any other row', async () => {
  const { rows } = await run()
  const digest = digestOf(rows)
  expect(
    digestOf({ ...rows, events: rows.events.toReversed(), facts: rows.facts.toReversed(), states: rows.states.toReversed() }),
  ).toBe(digest)
  expect(digestOf({ ...rows, events: rows.events.slice(1) })).not.toBe(digest)
  expect(digestOf({ ...rows, facts: rows.facts.slice(1) })).not.toBe(digest)
  expect(digestOf({ ...rows, states: rows.states.slice(1) })).not.toBe(digest)
})

it('names what is lost, what is there twice and what nobody sent', async () => {
  const { log, rows } = await run()
  const event = rows.events.find(({ channel }) => channel !== 'emit') as StoredEvent
  const others = rows.events.filter((row) => row !== event)
  const key = `${event.subject} ${event.source} ${event.eventId}`
  const wrong = (changed: Partial<StoredRows>) => checkRun(log, { ...rows, ...changed }).join('\n')
  expect(wrong({ events: others })).toContain(`${key} was acknowledged as`)
  expect(wrong({ events: [...rows.events, event] })).toContain(`${key} is in the journal twice`)
  expect(wrong({ events: [...rows.events, { ...event, eventId: 'new' }] })).toContain('new is in the journal and was never sent')
  expect(wrong({ events: [{ ...event, payload: '{}' }, ...others] })).toContain(`${key} is in the journal and was`)
  expect(wrong({ facts: rows.facts.slice(1) })).toContain('facts: ')
  const points = rows.facts.find(({ name }) => name.endsWith('xp.granted'))
  expect(wrong({ facts: [...rows.facts, points as StoredRows['facts'][number]] })).toContain('points: ')
  expect(wrong({ rejected: [] })).toContain('is not among the rejected')
  expect(wrong({ states: [] })).toContain('state: ')
})

it('names what was emitted and is lost, is there twice, or comes from no call, and takes what waits for there', async () => {
  const { log, rows } = await run()
  const drawn = rows.events.find(({ channel }) => channel === 'emit') as StoredEvent
  const { ticket } = JSON.parse(drawn.payload ?? '') as { readonly ticket: string }
  const others = rows.events.filter((event) => event !== drawn)
  const wrong = (changed: Partial<StoredRows>) => checkRun(log, { ...rows, emitted: [], ...changed }).join('\n')
  expect(wrong({ events: others })).toContain(`${ticket}, and what it emitted is lost`)
  expect(wrong({ events: others, emitted: [`{"payload":{"ticket":"${ticket}"}}`] })).toBe('')
  expect(wrong({ events: [...rows.events, { ...drawn, eventId: 'again' }] })).toContain(`${ticket} is in the journal 2 times`)
  const foreign = { ...drawn, eventId: 'new', payload: '{"ticket":"t"}' }
  expect(wrong({ events: [...rows.events, foreign] })).toContain('t is in the journal, and no call has answered it')
})

it('names answers that contradict each other, and what got none', async () => {
  const { log, rows } = await run()
  const find = (status: string) => log.answers.find((answer) => answer.status === status)?.sent as Sent
  const wrong = (change: (log: ClientLog) => void) => {
    const changed = new ClientLog()
    changed.send(...log.sent)
    for (const { sent, status } of log.answers) changed.answer(sent, status)
    change(changed)
    return checkRun(changed, rows).join('\n')
  }
  expect(wrong((log) => log.answer(find('recorded'), 'recorded'))).toContain('was answered as new 2 times')
  expect(wrong((log) => log.answer(find('recorded'), 'conflict'))).toContain('was a conflict, and no other body is stored')
  const ticket = log.answers.find(({ sent }) => sent.operation === 'drawTicket')?.sent as Sent
  expect(wrong((log) => log.answer(ticket, 'another'))).toContain('and then with another')
  const unanswered: Sent = { ...find('recorded'), key: 'unanswered' }
  expect(wrong((log) => log.send(unanswered))).toContain('and was answered with nothing')
})
