import { GetProgressContract, RecordOnboardingEventContract, SimulateContract } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createMemoryStore } from '@waymark/store/memory'
import { describe, expect, it } from 'vitest'
import { ADA, at, DAY, HOUR, parsed, startJourney } from './journey.ts'

const DEFINITION = {
  format: 'waymark.track/1',
  key: 'first-win',
  version: '1.0.0',
  completion: { xp: 50 },
  steps: [
    { key: 'deals', complete: { event: 'deal.created', where: { '/amount': { gte: 1000 } }, atLeast: 2 }, reward: { xp: 20 } },
    { key: 'won', opens: { after: 'PT24H' }, due: { after: 'PT72H' }, complete: { event: 'deal.won' } },
  ],
}
const FIRST_WIN = parsed(DEFINITION)
const deal = (amount: number, occurredAt?: string) => ({
  eventName: 'deal.created',
  eventPayload: { amount },
  ...(occurredAt === undefined ? {} : { occurredAt }),
})

/** The store, in which nothing can be written once it is sealed. */
function sealable(): { readonly store: JournalStore; seal(): void } {
  const store = createMemoryStore()
  let isSealed = false
  const guard = <Args extends readonly unknown[], Answer>(write: (...args: Args) => Answer) => {
    return (...args: Args): Answer => {
      if (isSealed) throw new Error('A simulation writes.')
      return write(...args)
    }
  }
  return {
    store: {
      ...store,
      append: guard(store.append),
      merge: guard(store.merge),
      erase: guard(store.erase),
      claimTimers: guard(store.claimTimers),
      putTrackVersion: guard(store.putTrackVersion),
      putTrackStatus: guard(store.putTrackStatus),
      unitOfWork: {
        run: (tenant, work) =>
          store.unitOfWork.run(tenant, (tx) => {
            const { find, keep } = tx.idempotency
            return work({ ...tx, idempotency: { find: guard(find), keep: guard(keep) } })
          }),
      },
    },
    seal() {
      isSealed = true
    },
  }
}

describe('a simulation', () => {
  it('goes on from the journal of a learner, and opens no transaction', async () => {
    const { store, seal } = sealable()
    const { ok, clock } = await startJourney([FIRST_WIN], store)
    await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventId: 'd1', ...deal(1000) })
    clock.now += HOUR
    seal()
    const before = await ok(GetProgressContract, { learnerId: 'ada' })
    const answer = await ok(SimulateContract, {
      learnerId: 'ada',
      trackId: 'first-win',
      events: [deal(10), deal(2000), { eventName: 'deal.won', occurredAt: at(2 * DAY) }],
    })
    expect(answer.events).toMatchObject([
      { eventName: 'deal.created', occurredAt: at(HOUR), outcomes: [{ stepId: 'deals', reason: 'condition_false' }] },
      { occurredAt: at(HOUR), outcomes: [{ stepId: 'deals', verdict: 'completed' }] },
      { eventName: 'deal.won', occurredAt: at(2 * DAY), outcomes: [{ stepId: 'won', verdict: 'completed' }] },
    ])
    expect(answer.facts.map(({ name, stepId, occurredAt, data }) => [name.slice(20), stepId, occurredAt, data.xp])).toEqual([
      ['step.completed', 'deals', at(HOUR), undefined],
      ['xp.granted', 'deals', at(HOUR), 20],
      ['step.opened', 'won', at(DAY), undefined],
      ['step.completed', 'won', at(2 * DAY), undefined],
      ['track.completed', null, at(2 * DAY), undefined],
      ['xp.granted', null, at(2 * DAY), 50],
    ])
    expect(answer).toMatchObject({
      at: at(2 * DAY),
      alarmAt: null,
      track: {
        trackId: 'first-win',
        status: 'completed',
        percent: 100,
        steps: [{ status: 'completed' }, { status: 'completed' }],
      },
    })
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toEqual(before)
  })

  it('lets time pass: what opens, what is missed, and when something changes next', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    const advance = (advanceTo: string) => ok(SimulateContract, { trackId: 'first-win', events: [deal(1000, at(0))], advanceTo })
    const soon = await advance(at(HOUR))
    expect(soon).toMatchObject({
      at: at(HOUR),
      alarmAt: at(DAY),
      track: { percent: 0, steps: [{ status: 'open' }, { status: 'locked' }] },
    })
    expect(await advance(at(DAY))).toMatchObject({ track: { steps: [{}, { status: 'open' }] } })
    const late = await advance(at(4 * DAY))
    expect(late.track.steps[1]).toMatchObject({ status: 'missed', dueAt: at(3 * DAY) })
    expect(late.facts.map(({ name }) => name.slice(20))).toContain('step.missed')
  })

  it('of nobody starts with the first event, however long ago', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    const answer = await ok(SimulateContract, { trackId: 'first-win', events: [deal(1000, at(-90 * DAY))] })
    expect(answer).toMatchObject({ at: at(-90 * DAY), track: { startedAt: at(-90 * DAY) } })
    expect((await ok(SimulateContract, { trackId: 'first-win' })).track).toMatchObject({ status: 'not_enrolled' })
  })

  it('starts a run where that is explicit', async () => {
    const asked = parsed({ key: 'asked', enrol: { mode: 'explicit' }, steps: [{ key: 's', complete: { event: 'a' } }] })
    const { ok } = await startJourney([asked])
    const events = [{ eventName: 'a', occurredAt: at(2) }]
    expect((await ok(SimulateContract, { trackId: 'asked', events })).track.status).toBe('not_enrolled')
    expect((await ok(SimulateContract, { trackId: 'asked', enrolAt: at(1), events })).track).toMatchObject({
      status: 'completed',
      startedAt: at(1),
    })
  })

  it('computes the journal under another definition, and keeps what was completed', async () => {
    const { ok } = await startJourney([FIRST_WIN])
    for (const eventId of ['d1', 'd2', 'd3'])
      await ok(RecordOnboardingEventContract, { learnerId: 'ada', eventId, ...deal(1000) })
    const [deals, won] = DEFINITION.steps
    const stricter = { ...deals, complete: { event: 'deal.created', atLeast: 5 } }
    const more = { key: 'more', complete: { event: 'deal.created', atLeast: 4 } }
    const definition = { ...DEFINITION, version: '2.0.0', steps: [stricter, more, won] }
    const { track, events } = await ok(SimulateContract, { learnerId: 'ada', definition, events: [deal(5)] })
    expect(track).toMatchObject({
      version: '2.0.0',
      steps: [
        { stepId: 'deals', status: 'completed', standing: true },
        { stepId: 'more', status: 'completed', standing: false },
        { stepId: 'won', status: 'locked' },
      ],
    })
    expect(events).toMatchObject([
      {
        outcomes: [
          { stepId: 'deals', reason: 'already_done' },
          { stepId: 'more', verdict: 'completed' },
        ],
      },
    ])
  })

  it('refuses definitions that cannot be published, unknown events, and time that runs backwards', async () => {
    const { problem } = await startJourney([FIRST_WIN])
    const pointers = async (input: Parameters<typeof problem<typeof SimulateContract>>[1]) =>
      (await problem(SimulateContract, input)).errors?.map(({ pointer }) => pointer)
    expect(await pointers({ definition: { ...DEFINITION, steps: [] } })).toEqual(['/definition/steps'])
    const unheard = { ...DEFINITION, steps: [{ key: 's', complete: { event: 'nobody.says' } }] }
    expect(await pointers({ definition: unheard })).toEqual(['/definition/steps/0/complete/event'])
    expect(await pointers({ trackId: 'first-win', events: [deal(1), { eventName: 'deal.creatd' }] })).toEqual([
      '/events/1/eventName',
    ])
    const wrong = { eventName: 'deal.created', eventPayload: { amount: 'x' } }
    expect(await pointers({ trackId: 'first-win', events: [wrong] })).toEqual(['/events/0/eventPayload/amount'])
    expect(await pointers({ trackId: 'first-win', advanceTo: at(-1) })).toEqual(['/advanceTo'])
    expect(await pointers({ trackId: 'first-win', definition: DEFINITION })).toEqual(['/trackId'])
    expect(await problem(SimulateContract, { trackId: 'first-wim' })).toMatchObject({
      code: 'TRACK_NOT_FOUND',
      data: { nearest: ['first-win'] },
    })
  })

  it('lets learners try what is served, for themselves', async () => {
    const { ok, problem } = await startJourney([FIRST_WIN])
    expect(await ok(SimulateContract, { learnerId: 'ada', trackId: 'first-win', events: [deal(1000)] }, ADA)).toMatchObject({
      track: { trackId: 'first-win' },
    })
    for (const input of [
      { trackId: 'first-win' },
      { learnerId: 'bob', trackId: 'first-win' },
      { learnerId: 'ada', definition: DEFINITION },
    ])
      expect(await problem(SimulateContract, input, ADA)).toMatchObject({ code: 'FORBIDDEN' })
  })
})
