import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { sha256 } from '../../test-support/journey-process.ts'
import { createShell } from '../../test-support/record-shell.ts'
import { toDate } from './derived-rows.ts'

const HOUR = 3_600_000
const TIMED = track(
  [
    { key: 'first', complete: { event: 'pipeline.created' }, reward: { xp: 5, badge: 'starter' } },
    { key: 'second', complete: { event: 'deal.created' }, due: { after: 'PT1H' } },
    { key: 'third', after: { all: ['second'] }, complete: { event: 'page.read' } },
  ],
  { key: 'timed' },
)
const AGAIN = track(
  [
    { key: 'only', complete: { event: 'pipeline.created', atLeast: 2 } },
    { key: 'rest', required: false, complete: { event: 'page.read' } },
  ],
  {
    key: 'again',
    reentry: { mode: 'afterExit' },
  },
)

describe('enrolments', () => {
  test('say how a run stands: status, per cent, the first open step', async () => {
    const { record, event, store } = createShell([TIMED])
    await record([event('ada', 'pipeline.created')])
    expect(store.tables.enrolments).toEqual([
      {
        tenant: 'acme',
        subject: 'l:ada',
        track: 'timed',
        run: 0,
        version: '1.0.0',
        status: 'active',
        startedAt: START,
        completedAt: null,
        endedAt: null,
        percent: 33,
        openStep: 'second',
        heldOut: false,
        changedAt: START,
      },
    ])
  })

  test('are written only when a run changes', async () => {
    const { record, event, store, timers } = createShell([TIMED])
    await record([event('ada', 'pipeline.created')])
    await timers.advance(1_000)
    await record([event('ada', 'pipeline.created')])
    expect(store.commits.at(-1)?.enrolments).toEqual([])
    await record([event('ada', 'deal.created', { eventPayload: { dealId: 'd', amount: 1 } })])
    expect(store.commits.at(-1)?.enrolments).toMatchObject([{ percent: 66, openStep: 'third', changedAt: START + 1_000 }])
  })

  test('of a run that is missed or completed have no open step', async () => {
    const { record, event, store, timers } = createShell([TIMED, AGAIN])
    await record([event('ada', 'pipeline.created'), event('ada', 'pipeline.created')])
    await timers.advance(2 * HOUR)
    await record([event('ada', 'deal.created', { eventPayload: { dealId: 'd', amount: 1 } })])
    expect(store.tables.enrolments).toMatchObject([
      { track: 'again', status: 'completed', completedAt: START, endedAt: null, percent: 100 },
      { track: 'timed', status: 'missed', completedAt: null, endedAt: START + HOUR, percent: 33, openStep: null },
    ])
  })

  test('of a later run leave those of the runs before as they ended', async () => {
    const { record, event, control, store, timers } = createShell([AGAIN])
    await record([event('ada', 'pipeline.created')])
    await timers.advance(1_000)
    await record([control('l:ada', 'waymark.exited', { trackId: 'again' })])
    await timers.advance(1_000)
    await record([event('ada', 'pipeline.created')])
    expect(store.tables.enrolments).toMatchObject([
      { run: 0, status: 'exited', startedAt: START, endedAt: START + 1_000, openStep: null },
      { run: 1, status: 'active', startedAt: START + 2_000, endedAt: null, openStep: 'only' },
    ])
  })

  test('of one round come in one order, whoever was first', async () => {
    const { record, event, store } = createShell([TIMED, AGAIN])
    await record(['cem', 'ada', 'bob'].map((id) => event(id, 'pipeline.created')))
    expect(store.commits.at(-1)?.enrolments.map(({ track, subject }) => `${track} ${subject}`)).toEqual([
      'again l:ada',
      'again l:bob',
      'again l:cem',
      'timed l:ada',
      'timed l:bob',
      'timed l:cem',
    ])
  })
})

describe('timers', () => {
  test('are written when the next alarm of a subject changes, and removed when there is none', async () => {
    const { record, event, store, timers } = createShell([TIMED])
    await record([event('ada', 'pipeline.created')])
    expect(store.commits.at(-1)?.timers).toEqual([{ tenant: 'acme', subject: 'l:ada', at: START + HOUR + 1 }])
    await timers.advance(1_000)
    await record([event('ada', 'pipeline.created')])
    expect(store.commits.at(-1)?.timers).toEqual([])
    await record([event('ada', 'deal.created', { eventPayload: { dealId: 'd', amount: 1 } })])
    expect(store.commits.at(-1)?.timers).toEqual([{ tenant: 'acme', subject: 'l:ada', at: null }])
  })

  test('are those of the earliest of all tracks', async () => {
    const soon = track([{ key: 'a', complete: { event: 'pipeline.created', atLeast: 2 }, due: { after: 'PT30M' } }], {
      key: 'soon',
    })
    const { record, event, alarms, timers } = createShell([TIMED, soon])
    await record([event('ada', 'pipeline.created')])
    expect(alarms()).toEqual([`l:ada ${HOUR / 2_000 + 0.001}`])
    await timers.advance(1_000)
    await record([event('ada', 'pipeline.created')])
    expect(alarms()).toEqual([`l:ada ${HOUR / 1_000 + 0.001 - 1}`])
  })

  test('tell the recorder of the earliest alarm that was set', async () => {
    const told: number[] = []
    const shell = createShell([TIMED], { onAlarm: (at) => told.push(at) })
    await shell.record(['ada', 'bob'].map((id) => shell.event(id, 'pipeline.created')))
    await shell.record([shell.event('ada', 'pipeline.created')])
    expect(told).toEqual([START + HOUR + 1])
  })
})

describe('facts', () => {
  const dataOf = (fact: { readonly data: string } | undefined) => JSON.parse(fact?.data ?? 'null')

  test('say which run they are of, since when, and what caused them', async () => {
    const { record, event, store, timers } = createShell([AGAIN])
    await record([event('ada', 'pipeline.created', { eventId: 'one', sourceModule: 'crm' })])
    await timers.advance(1_000)
    await record([event('ada', 'pipeline.created', { eventId: 'two', sourceModule: 'crm' })])
    expect(store.facts.find(({ name }) => name.endsWith('step.completed'))).toMatchObject({
      tenant: 'acme',
      subject: 'l:ada',
      track: 'again',
      run: 0,
      step: 'only',
      causeSource: 'crm',
      causeId: 'two',
      occurredAt: START + 1_000,
      runStartedAt: START,
      backfilled: false,
      heldOut: false,
    })
  })

  test('of the whole run say nothing of steps; rewards say which step, or none', async () => {
    const { record, event, store } = createShell([{ ...TIMED, completion: { xp: 9 }, steps: TIMED.steps.slice(0, 1) }])
    await record([event('ada', 'pipeline.created')])
    expect(store.facts.map((fact) => [fact.name.slice(20), dataOf(fact)])).toEqual([
      ['enrolled', { trackId: 'timed', run: 0 }],
      ['step.completed', { trackId: 'timed', run: 0, stepId: 'first' }],
      ['xp.granted', { trackId: 'timed', run: 0, stepId: 'first', xp: 5 }],
      ['badge.granted', { trackId: 'timed', run: 0, stepId: 'first', badge: 'starter' }],
      ['track.completed', { trackId: 'timed', run: 0 }],
      ['xp.granted', { trackId: 'timed', run: 0, stepId: null, xp: 9 }],
    ])
  })

  test('have ids of what they say, and not of when or why: a reward is the same in every run, unless the track grants it in each', async () => {
    const reward = (rewards: 'once' | 'perRun') =>
      track([{ key: 's', complete: { event: 'pipeline.created' }, reward: { xp: 5 } }], {
        rewards,
        reentry: { mode: 'afterExit' },
      })
    for (const [rewards, run] of [
      ['once', '*'],
      ['perRun', '0'],
    ] as const) {
      const { record, event, store } = createShell([reward(rewards)])
      await record([event('ada', 'pipeline.created')])
      const xp = store.facts.find(({ name }) => name.endsWith('xp.granted'))
      expect(xp?.factId).toBe(sha256(['acme', 'l:ada', 'track', run, 's', 'xp.granted', 0].join('\0')))
    }
  })

  test('of a correction have the next ordinal: one that is missed, done in time after all, is announced and corrected', async () => {
    const { record, event, store, timers, facts } = createShell([TIMED])
    await record([event('ada', 'pipeline.created')])
    await timers.advance(2 * HOUR)
    await record([event('ada', 'pipeline.created')])
    expect(facts('l:ada')).toContain('step.missed second')
    const inTime = new Date(START + HOUR / 2).toISOString()
    await record([event('ada', 'deal.created', { eventPayload: { dealId: 'd', amount: 1 }, occurredAt: inTime })])
    const corrected = store.facts.filter(({ name }) => name.endsWith('step.corrected'))
    expect(corrected.map(dataOf)).toMatchObject([{ stepId: 'second', from: 'missed', to: 'completed' }])
    expect(new Set(store.facts.map(({ factId }) => factId)).size).toBe(store.facts.length)
  })

  test('of a streak say the day as a date', async () => {
    const daily = track([{ key: 'a', complete: { event: 'pipeline.created', atLeast: 5 } }], {
      streak: { on: { event: 'pipeline.created' }, period: 'day' },
    })
    const { record, event, store } = createShell([daily])
    await record([event('ada', 'pipeline.created')])
    expect(store.facts.filter(({ name }) => name.includes('streak')).map(dataOf)).toEqual([
      { trackId: 'track', run: 0, day: '2026-03-01', length: 1 },
    ])
  })

  test('of runs that are held out say so, in the row and to whoever reads the data; nothing is granted', async () => {
    const held = track([{ key: 's', complete: { event: 'pipeline.created' }, reward: { xp: 5 } }], { holdout: 50 })
    const { record, event, store } = createShell([held])
    await record(Array.from({ length: 40 }, (_, index) => event(`l${index}`, 'pipeline.created')))
    const isSaid = store.facts.map((fact) => [fact.heldOut, dataOf(fact).holdout ?? false])
    expect(isSaid.every(([row, data]) => row === data)).toBe(true)
    expect(new Set(isSaid.map(([row]) => row))).toEqual(new Set([true, false]))
    expect(store.facts.filter(({ name, heldOut }) => heldOut && name.endsWith('granted'))).toEqual([])
    const heldOut = new Set(store.facts.filter((fact) => fact.heldOut).map(({ subject }) => subject))
    for (const row of store.tables.enrolments) expect(row.heldOut).toBe(heldOut.has(row.subject))
  })

  test('of what was imported are backfilled', async () => {
    const { record, event, store } = createShell([TIMED])
    const { row, entry } = event('ada', 'pipeline.created')
    await record([
      { row: { ...row, channel: 'import' }, entry: { ...entry, channel: 'import' } },
      event('bob', 'pipeline.created'),
    ])
    expect(store.facts.map(({ subject, backfilled }) => `${subject} ${backfilled}`)).toEqual([
      ...Array(4).fill('l:ada true'),
      ...Array(4).fill('l:bob false'),
    ])
  })
})

test.each([
  [0, '1970-01-01'],
  [20_513, '2026-03-01'],
  [-1, '1969-12-31'],
])('day %i is %s', (day, date) => {
  expect(toDate(day)).toBe(date)
})
