import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { sha256 } from '../../test-support/journey-process.ts'
import { createShell, learner, status } from '../../test-support/record-shell.ts'
import { foldSubject } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { contentOf, createCatalogue } from './catalogue.ts'
import { type Visit, visit } from './visit.ts'

const DUE = track([
  { key: 'one', complete: { event: 'deal.created' }, due: { after: 'PT1H' } },
  { key: 'two', complete: { event: 'pipeline.created' } },
])
const HOUR = 3_600_000

/** Looks at subjects as an alarm does. */
const WAKE: Visit = {
  fold: (_, read) => foldSubject({ ...read, entries: [], tracksOf: () => [], wake: true, trace: false }),
  isBackfill: false,
  isWake: true,
}

async function start(ids: readonly string[] = ['ada']) {
  const shell = createShell([DUE])
  for (const id of ids) await shell.record([shell.event(id, 'pipeline.created')])
  const look = (
    keys: readonly SubjectKey[] = ids.map(learner),
    how: Partial<Visit> = {},
    onMerged?: (merged: readonly SubjectKey[]) => void,
  ) => visit({ ...shell, now: shell.now() }, keys, { ...WAKE, ...how }, onMerged)
  return { ...shell, shell, look }
}

describe('a visit', () => {
  test('writes what time brought, in one round for all subjects, and says how many facts and when the next alarm is', async () => {
    const { timers, store, look, now } = await start(['bob', 'ada'])
    expect(await look()).toEqual({ facts: 0, alarm: now() + HOUR + 1 })
    await timers.advance(HOUR + 1)
    const rounds = store.ends.length
    expect(await look()).toEqual({ facts: 4, alarm: null })
    expect(store.ends.slice(rounds)).toEqual(['committed'])
    expect(store.facts.slice(-2).map(({ subject, name }) => `${subject} ${name}`)).toEqual([
      'l:bob learning.onboarding.step.missed',
      'l:bob learning.onboarding.track.ended',
    ])
  })

  test('locks subjects in one order, whatever order they come in', async () => {
    const { store, look } = await start(['cem', 'ada', 'bob'])
    const wanted: string[] = []
    store.beforeAppend = (_, keys) => void wanted.push(...keys.map(({ tenant, subject }) => `${tenant} ${subject}`))
    await look([learner('cem'), { tenant: 'a', subject: 'l:zoe' }, learner('ada'), learner('bob')])
    expect(wanted).toEqual(['a l:zoe', 'acme l:ada', 'acme l:bob', 'acme l:cem'])
  })

  test('writes an alarm that stays the same only when it was taken', async () => {
    const { store, look } = await start()
    await look()
    expect(store.commits.at(-1)?.timers).toHaveLength(1)
    await look([learner('ada')], { isWake: false })
    expect(store.commits.at(-1)?.timers).toEqual([])
  })

  test('marks what it brings as of the past where it is', async () => {
    const { store, timers, look } = await start()
    await timers.advance(HOUR + 1)
    await look([learner('ada')], { isBackfill: true })
    expect(store.facts.map(({ name, backfilled }) => [name.slice(20), backfilled])).toEqual([
      ['enrolled', false],
      ['step.completed', false],
      ['step.missed', true],
      ['track.ended', true],
    ])
  })

  test('takes payloads in the same round', async () => {
    const { store, look, now } = await start()
    await look([learner('ada')], { expired: [{ ...learner('ada'), name: 'pipeline.created', before: now() + 1 }] })
    expect(store.entries.map(({ payload }) => payload)).toEqual([null])
  })
})

describe('a visit that writes nothing', () => {
  test('reads the tracks again when they have changed, and is to be done again', async () => {
    const { store, shell, look } = await start()
    await store.putTrackStatus(status('track', { status: 'paused' }))
    expect(await look()).toBe('stale')
    expect([store.ends.at(-1), shell.reloads, shell.catalogue.running('track')]).toEqual(['rolled back', 1, undefined])
    expect(await look()).not.toBe('stale')
  })

  test('is one whose states changed meanwhile', async () => {
    const { store, timers, look } = await start()
    await timers.advance(HOUR + 1)
    const facts = store.facts.length
    store.beforeCommit = () => 'stale'
    expect(await look()).toBe('stale')
    expect(store.facts).toHaveLength(facts)
  })

  test('is one whose subject was merged while it learned what publishing owes it', async () => {
    const { store, shell, look } = await start()
    const { key, version } = DUE
    const versions = [{ tenant: '*', key, version, ...contentOf(DUE, sha256), publishedAt: shell.now() + 1 }]
    const statuses = [status(key, { policy: 'restart', generation: 1 })]
    shell.catalogue.replace(createCatalogue([DUE], registry, { versions, statuses }))
    store.beforeAppend = async (rows) => {
      if (rows.length > 0) await store.merge({ tenant: 'acme', from: 'l:ada', into: 'l:eve', mergedAt: shell.now() })
    }
    const merged: SubjectKey[] = []
    expect(await look([learner('ada')], {}, (keys) => merged.push(...keys))).toBe('stale')
    expect([merged, store.ends.slice(-2), store.open()]).toEqual([[learner('ada')], ['rolled back', 'rolled back'], 0])
  })

  test('is rolled back when it fails', async () => {
    const { store, look } = await start()
    const broken = () => {
      throw new Error('defect')
    }
    await expect(look([learner('ada')], { fold: broken })).rejects.toThrow('defect')
    expect([store.ends.at(-1), store.open()]).toEqual(['rolled back', 0])
  })
})

test('a paused track lets no time pass; what passed meanwhile counts when it goes on', async () => {
  const { store, timers, look, facts } = await start()
  await store.putTrackStatus(status('track', { status: 'paused' }))
  await look()
  await timers.advance(2 * HOUR)
  expect(await look()).toEqual({ facts: 0, alarm: null })
  await store.putTrackStatus(status('track'))
  await look()
  await look()
  expect(facts('l:ada')).toContain('step.missed one')
})
