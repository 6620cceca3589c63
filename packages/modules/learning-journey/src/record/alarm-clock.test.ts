import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore } from '../../test-support/fake-store.ts'
import { createManualTimers } from '../../test-support/manual-timers.ts'
import { createShell } from '../../test-support/record-shell.ts'
import { createAlarmClock } from './alarm-clock.ts'

const HOUR = 3_600_000
/** Two steps that are due an hour and two hours after the start. */
const TWO = track([
  { key: 'one', complete: { event: 'deal.created' }, due: { after: 'PT1H' } },
  { key: 'two', complete: { event: 'deal.created', atLeast: 2 }, due: { after: 'PT2H' } },
  { key: 'start', complete: { event: 'pipeline.created' } },
])

/** A process with a clock that is told of the alarms its recorder sets, and learners who start now. */
async function start(
  learners: readonly string[],
  { store = createFakeStore(), timers = createManualTimers(), told = true } = {},
) {
  const shell = createShell([TWO], { store, timers })
  const clock = createAlarmClock({ ...shell, onFailure: (error) => shell.failures.push(error) })
  await timers.advance(0)
  for (const id of learners) await shell.record([shell.event(id, 'pipeline.created', { eventId: 'start' })])
  if (told) for (const { at } of store.tables.timers) clock.expect(at)
  return { ...shell, clock }
}

describe('an alarm', () => {
  test('rings once, when its moment has passed, with facts of that moment', async () => {
    const { timers, facts, store, alarms } = await start(['ada'])
    expect(facts('l:ada')).toEqual(['enrolled', 'step.completed start'])
    await timers.advance(HOUR)
    expect(facts('l:ada')).not.toContain('step.missed one')
    await timers.advance(1)
    expect(facts('l:ada').slice(2)).toEqual(['step.missed one'])
    expect(store.facts.at(-1)).toMatchObject({ occurredAt: START + HOUR, causeSource: 'waymark', causeId: 'clock' })
    expect(alarms()).toEqual([`l:ada ${HOUR / 1_000}`])
  })

  test('is followed by the next one, and by none when there is nothing left to wait for', async () => {
    const { timers, facts, alarms } = await start(['ada'])
    await timers.advance(2 * HOUR + 1)
    expect(facts('l:ada').slice(2)).toEqual(['step.missed one', 'step.missed two', 'track.ended'])
    expect([alarms(), timers.pending()]).toEqual([[], []])
  })

  test('that is set for an earlier moment than the one waited for comes first', async () => {
    const { timers, clock, now } = await start([])
    clock.expect(now() + 20_000)
    clock.expect(now() + 10_000)
    clock.expect(now() + 15_000)
    expect(timers.pending()).toEqual([10_000])
  })

  test('of one subject that fails holds up no other, is told, and rings again after a minute', async () => {
    const { timers, facts, store, failures } = await start(['ada', 'bob', 'cem'])
    let isBroken = true
    store.beforeAppend = (rows, wanted) => {
      if (isBroken && rows.length === 0 && wanted.some(({ subject }) => subject === 'l:bob')) throw new Error('out of luck')
    }
    await timers.advance(HOUR + 1)
    expect(['ada', 'bob', 'cem'].filter((id) => facts(`l:${id}`).includes('step.missed one'))).toEqual(['ada', 'cem'])
    expect(failures).toMatchObject([{ message: 'out of luck' }])
    isBroken = false
    await timers.advance(60_000)
    expect(facts('l:bob')).toContain('step.missed one')
    expect(failures).toHaveLength(1)
    expect(store.open()).toBe(0)
  })

  test('whose subject changed meanwhile is looked at again', async () => {
    const { timers, facts, store, failures } = await start(['ada'])
    let stale = 3
    store.beforeCommit = () => (stale-- > 0 ? 'stale' : undefined)
    await timers.advance(HOUR + 1)
    expect(facts('l:ada')).toContain('step.missed one')
    expect(failures).toEqual([])
  })

  test('whose subject never stops changing is given up for now, and told', async () => {
    const { timers, facts, store, failures } = await start(['ada'])
    store.beforeCommit = () => 'stale'
    await timers.advance(HOUR + 1)
    expect(facts('l:ada')).not.toContain('step.missed one')
    expect(failures).toMatchObject([{ message: expect.stringContaining('changed 20 times') }])
    store.beforeCommit = () => undefined
    await timers.advance(60_000)
    expect(facts('l:ada')).toContain('step.missed one')
  })
})

describe('a ring', () => {
  test('looks at everybody whose alarm has passed, a hundred in a round, and says how many', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `l${index}`)
    const { timers, store, clock } = await start(ids, { told: false })
    const before = store.ends.length
    await timers.advance(HOUR + 1)
    expect(await clock.ring()).toBe(250)
    expect(store.ends.length - before).toBe(3)
    expect(store.facts.filter(({ name }) => name.endsWith('step.missed'))).toHaveLength(250)
    expect(await clock.ring()).toBe(0)
  })

  test('tells that there are facts, once for each round that brought some', async () => {
    const shell = createShell([TWO])
    let told = 0
    const clock = createAlarmClock({ ...shell, onFacts: () => told++ })
    await shell.record([shell.event('ada', 'pipeline.created')])
    await shell.timers.advance(HOUR + 1)
    await clock.ring()
    await clock.ring()
    expect(told).toBe(1)
    await clock.close()
  })

  test('that runs already may have looked too early, so that all who want one meanwhile get one more', async () => {
    const { timers, clock, store, facts } = await start(['ada'], { told: false })
    const isLooking = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const { nextTimer } = store
    store.nextTimer = async () => {
      isLooking.resolve()
      await released.promise
      return nextTimer()
    }
    const early = clock.ring()
    await isLooking.promise
    await timers.advance(HOUR + 1)
    const late = [clock.ring(), clock.ring()]
    released.resolve()
    expect([await early, ...(await Promise.all(late))]).toEqual([0, 1, 1])
    expect(facts('l:ada')).toContain('step.missed one')
  })

  test('that the store cannot answer is told, and tried again after half a minute', async () => {
    const { timers, facts, store, failures } = await start(['ada'])
    const { claimTimers } = store
    await timers.advance(HOUR)
    store.claimTimers = () => Promise.reject(new Error('lost'))
    await timers.advance(1)
    expect(failures).toMatchObject([{ message: 'lost' }])
    store.claimTimers = claimTimers
    await timers.advance(30_000)
    expect(facts('l:ada')).toContain('step.missed one')
  })

  test('is the last thing that happens before a clock is closed, and nothing rings afterwards', async () => {
    const { timers, facts, clock, store } = await start(['ada'])
    const waiting = Promise.withResolvers<void>()
    const isLooking = Promise.withResolvers<void>()
    store.beforeAppend = () => {
      isLooking.resolve()
      return waiting.promise
    }
    await timers.advance(HOUR + 1)
    await isLooking.promise
    let isClosed = false
    const closed = clock.close().then(() => {
      isClosed = true
    })
    await timers.advance(0)
    expect(isClosed).toBe(false)
    waiting.resolve()
    await closed
    expect(facts('l:ada')).toContain('step.missed one')
    clock.expect(0)
    expect(timers.pending()).toEqual([])
    await timers.advance(2 * HOUR)
    expect(facts('l:ada')).not.toContain('step.missed two')
  })
})

describe('several processes', () => {
  test('look at each subject once, whichever of them is first', async () => {
    const store = createFakeStore(1, { sequenced: true })
    const timers = createManualTimers()
    const one = await start(['ada', 'bob'], { store, timers })
    const two = await start([], { store, timers })
    const before = store.appends.length
    await timers.advance(HOUR + 1)
    expect([one.facts('l:ada').slice(2), two.facts('l:bob').slice(2)]).toEqual([['step.missed one'], ['step.missed one']])
    expect(store.appends.length - before).toBe(1)
  })

  test('find the alarms of each other within half a minute', async () => {
    const store = createFakeStore(1, { sequenced: true })
    const timers = createManualTimers()
    const looking = await start([], { store, timers })
    expect(timers.pending()).toEqual([30_000])
    const { event, record, clock } = await start(['ada'], { store, timers, told: false })
    await clock.close()
    await timers.advance(HOUR - 10_000)
    await record([event('bob', 'pipeline.created')])
    await timers.advance(10_000 + 30_000)
    expect(looking.facts('l:ada')).toContain('step.missed one')
    expect(looking.facts('l:bob')).not.toContain('step.missed one')
    await looking.clock.close()
  })

  test('lose nothing when one of them dies while it looks: the alarm is another one’s after a minute', async () => {
    const store = createFakeStore(1, { sequenced: true })
    const timers = createManualTimers()
    const { facts, now, alarms } = await start(['ada'], { store, timers, told: false })
    await timers.advance(HOUR - 1_000)
    // What a process does that dies before its round.
    store.tables.timers.splice(0, 1, { tenant: 'acme', subject: 'l:ada', at: now() + 2_000 })
    expect(await store.claimTimers(now() + 2_000, now() + 60_000, 1)).toHaveLength(1)
    expect(alarms()).toEqual(['l:ada 60'])
    await timers.advance(59_000)
    expect(facts('l:ada')).not.toContain('step.missed one')
    await timers.advance(31_000)
    expect(facts('l:ada')).toContain('step.missed one')
  })
})
