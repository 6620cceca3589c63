import { describe, expect, test } from 'vitest'
import { track } from '../../test-support/entries.ts'
import { createShell, learner, status } from '../../test-support/record-shell.ts'
import type { Recorded } from './round.ts'

const OWN = track([{ key: 'own', complete: { event: 'pipeline.created' }, reward: { xp: 5 } }], { key: 'own' })
const TEAM = track(
  [
    { key: 'any', complete: { event: 'pipeline.created' }, reward: { xp: 70 } },
    { key: 'three', complete: { event: 'deal.created', distinctBy: '/dealId', atLeast: 3 }, reward: { xp: 30 } },
  ],
  { key: 'team', subject: 'account', completion: { badge: 'done' } },
)
const verdicts = ({ outcomes }: Recorded = { outcomes: [] } as unknown as Recorded) =>
  outcomes.map(({ track, step, verdict, reason }) => `${track.key}/${track.steps[step]?.key} ${verdict} ${reason}`)
const deal = (dealId: string) => ({ eventPayload: { dealId, amount: 1 }, eventId: dealId, accountId: 'north' })

describe('an entry that was made in an account', () => {
  test('counts for the learner and for the account, each in the tracks that are about them', async () => {
    const { record, event, facts } = createShell([OWN, TEAM])
    const [recorded] = await record([event('ada', 'pipeline.created', { accountId: 'north' })])
    expect(verdicts(recorded)).toEqual(['team/any completed null', 'own/own completed null'])
    expect(facts('l:ada')).toEqual(['enrolled', 'step.completed own', 'xp.granted own', 'track.completed'])
    expect(facts('a:north')).toEqual(['enrolled', 'step.completed any', 'xp.granted any'])
  })

  test('brings its own subject only what that earned: the points of the account are the account’s', async () => {
    const { record, event, store } = createShell([OWN, TEAM])
    const [recorded] = await record([event('ada', 'pipeline.created', { accountId: 'north' })])
    expect(recorded?.xp).toBe(5)
    expect(recorded?.facts.map(({ subject }) => subject)).toEqual([...Array(3).fill('a:north'), ...Array(4).fill('l:ada')])
    expect(
      store.facts.filter(({ name }) => name.endsWith('xp.granted')).map(({ subject, data }) => [subject, JSON.parse(data).xp]),
    ).toEqual([
      ['a:north', 70],
      ['l:ada', 5],
    ])
  })

  test('meets those of other members, in one round and in several', async () => {
    const { record, event, facts } = createShell([TEAM])
    await record([event('ada', 'deal.created', deal('d1')), event('bob', 'deal.created', deal('d2'))])
    const [last] = await record([event('cem', 'deal.created', deal('d3'))])
    expect(verdicts(last)).toEqual(['team/three completed null'])
    expect(facts('a:north')).toEqual(['enrolled', 'step.completed three', 'xp.granted three'])
  })

  test('is told from one of another member with the same id', async () => {
    const { record, event, store } = createShell([TEAM])
    const same = { accountId: 'north', eventId: 'same' }
    await record([
      event('ada', 'deal.created', { ...same, eventPayload: { dealId: 'd1', amount: 1 } }),
      event('bob', 'deal.created', { ...same, eventPayload: { dealId: 'd2', amount: 1 } }),
    ])
    const [late] = await record([event('ada', 'deal.created', { ...deal('d0'), occurredAt: '2026-03-01T11:00:00Z' })])
    expect(verdicts(late)).toEqual(['team/three completed null'])
    expect(store.histories.at(-1)).toMatchObject([{ subject: 'a:north' }])
  })

  test('writes no state of the account where no track is about accounts, and none of the learner where none is about learners', async () => {
    const wanted: string[] = []
    for (const tracks of [[OWN], [TEAM]]) {
      const { record, event, store } = createShell(tracks)
      await record([event('ada', 'pipeline.created', { accountId: 'north' })])
      wanted.push(...(store.commits.at(-1)?.states.map(({ subject }) => subject) ?? []))
    }
    expect(wanted).toEqual(['l:ada', 'a:north'])
  })

  test('that comes again says what it did, in both', async () => {
    const { record, event } = createShell([OWN, TEAM])
    const sent = event('ada', 'pipeline.created', { accountId: 'north', eventId: 'e' })
    await record([sent])
    const [again] = await record([sent])
    expect(again).toMatchObject({ append: 'duplicate', xp: 0, facts: [] })
    expect(verdicts(again)).toEqual(['team/any unchanged already_done', 'own/own unchanged already_done'])
  })
})

describe('a paused track', () => {
  test('keeps what comes for later and says so; nothing is folded', async () => {
    const { record, event, store } = createShell([OWN])
    await store.putTrackStatus(status('own', { status: 'paused' }))
    const [recorded] = await record([event('ada', 'pipeline.created')])
    expect(recorded).toMatchObject({ append: 'recorded', xp: 0, facts: [], after: null })
    expect(verdicts(recorded)).toEqual(['own/own unchanged paused'])
    expect(store.commits.at(-1)).toMatchObject({ states: [], facts: [], timers: [], enrolments: [] })
  })

  test('stands beside those that run', async () => {
    const { record, event, store } = createShell([OWN, TEAM])
    await store.putTrackStatus(status('team', { status: 'paused' }))
    const [recorded] = await record([event('ada', 'pipeline.created', { accountId: 'north' })])
    expect(verdicts(recorded)).toEqual(['own/own completed null', 'team/any unchanged paused'])
    expect(store.commits.at(-1)?.states.map(({ subject }) => subject)).toEqual(['l:ada'])
  })

  test('of learners is named once, also where the event counts for the account', async () => {
    const { record, event, store } = createShell([OWN, TEAM])
    await store.putTrackStatus(status('own', { status: 'paused' }))
    const [recorded] = await record([event('ada', 'pipeline.created', { accountId: 'north' })])
    expect(verdicts(recorded)).toEqual(['team/any completed null', 'own/own unchanged paused'])
  })

  test('takes in what came meanwhile, with the first event after it goes on', async () => {
    const { record, event, store, facts, timers } = createShell([TEAM])
    await store.putTrackStatus(status('team', { status: 'paused' }))
    await record([event('ada', 'deal.created', deal('d1')), event('bob', 'deal.created', deal('d2'))])
    await store.putTrackStatus(status('team', { generation: 1 }))
    await timers.advance(1_000)
    const [recorded] = await record([event('cem', 'deal.created', deal('d3'))])
    expect(verdicts(recorded)).toEqual(['team/three completed null'])
    expect(facts('a:north')).toContain('step.completed three')
  })
})

describe('a subject that was merged into another', () => {
  test('leaves what comes for it to the other one, and who made it is kept', async () => {
    const { record, event, store } = createShell([OWN])
    const late = event('anon', 'pipeline.created', { eventId: 'e' })
    await store.merge({ tenant: 'acme', from: 'l:anon', into: 'l:ada', mergedAt: 0 })
    const [recorded] = await record([late])
    expect(verdicts(recorded)).toEqual(['own/own completed null'])
    expect(store.entries).toMatchObject([{ subject: 'l:ada', actor: 'l:anon', eventId: 'e' }])
    expect(store.facts.map(({ subject }) => subject)).toEqual(Array(4).fill('l:ada'))
    expect(store.ends).toEqual(['rolled back', 'committed'])
  })

  test('keeps who acted where that was somebody else already', async () => {
    const { record, control, store } = createShell([OWN])
    const { row, entry } = control('l:anon', 'waymark.enrolled', { trackId: 'own' })
    await store.merge({ tenant: 'acme', from: 'l:anon', into: 'l:ada', mergedAt: 0 })
    await record([{ row: { ...row, actor: 'l:eve' }, entry }])
    expect(store.entries).toMatchObject([{ subject: 'l:ada', actor: 'l:eve' }])
  })

  test('does not cost the others of its round anything', async () => {
    const { record, event, store } = createShell([OWN])
    await store.merge({ tenant: 'acme', from: 'l:anon', into: 'l:ada', mergedAt: 0 })
    const answers = await Promise.all(
      ['anon', 'ada', 'bob'].map((id) => record([event(id, 'pipeline.created', { eventId: `of-${id}` })])),
    )
    expect(answers.map(([one]) => one?.append)).toEqual(['recorded', 'recorded', 'recorded'])
    expect(store.entries.map(({ subject, eventId }) => `${subject} ${eventId}`).sort()).toEqual([
      'l:ada of-ada',
      'l:ada of-anon',
      'l:bob of-bob',
    ])
  })

  test('of another tenant is not meant', async () => {
    const { record, event, store } = createShell([OWN])
    await store.merge({ tenant: 'other', from: 'l:anon', into: 'l:ada', mergedAt: 0 })
    await record([event('anon', 'pipeline.created')])
    expect(store.entries).toMatchObject([{ subject: 'l:anon', actor: null }])
  })
})

describe('a round', () => {
  test('is done again with the tracks as they are now, when another process changed them', async () => {
    const shell = createShell([OWN])
    const sent = shell.event('ada', 'pipeline.created')
    await shell.store.putTrackStatus(status('own', { status: 'archived' }))
    const [recorded] = await shell.record([sent])
    expect(verdicts(recorded)).toEqual([])
    expect([shell.store.ends, shell.reloads]).toEqual([['rolled back', 'committed'], 1])
  })

  test('says what the state of each subject is after it, also where nothing changed', async () => {
    const { record, event, store } = createShell([OWN])
    const [first] = await record([event('ada', 'pipeline.created')])
    expect(first?.after).toEqual(await store.readState(learner('ada')))
    const [second] = await record([event('ada', 'pipeline.created')])
    expect(second?.after).toEqual(first?.after)
  })
})
