import { ExplainContract, IngestContract, RecordOnboardingEventContract } from '@waymark/learning-journey'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DAY, HOUR, parsed, startJourney } from './journey.ts'

const RUNS = 60

const TRACKS = [
  parsed({
    key: 'counts',
    reentry: { mode: 'afterExit' },
    steps: [
      { key: 'distinct', complete: { event: 'a', where: { '/amount': { gte: 2 } }, distinctBy: '/pipelineId', atLeast: 3 } },
      { key: 'sum', after: { all: ['distinct'] }, complete: { event: 'b', sum: { of: '/amount', atLeast: 5 } } },
      { key: 'sliding', complete: { event: 'c', atLeast: 2, window: { sliding: 'PT6H' } } },
    ],
  }),
  parsed({
    key: 'ways',
    steps: [
      {
        key: 'fork',
        complete: { sequence: [{ event: 'a' }, { event: 'b' }] },
        branches: [{ key: 'left', when: { event: 'c' } }, { key: 'right' }],
        default: 'right',
      },
      { key: 'left', after: { branch: 'fork.left' }, complete: { event: 'd', lookback: 'afterUnlock' } },
      { key: 'right', after: { branch: 'fork.right' }, due: { after: 'P3D' }, complete: { event: 'd', consume: 'exclusive' } },
      {
        key: 'group',
        required: false,
        opens: { after: 'PT24H' },
        complete: { all: [{ event: 'a' }, { event: 'd' }], correlate: '/pipelineId' },
      },
    ],
  }),
  parsed({
    key: 'daily',
    streak: { on: { event: 'a' }, period: 'day' },
    steps: [{ key: 's', complete: { event: 'd', atLeast: 3 } }],
  }),
  parsed({ key: 'shared', subject: 'account', steps: [{ key: 's', complete: { event: 'b', atLeast: 4 } }] }),
  parsed({ key: 'second', after: { all: ['ways'] }, steps: [{ key: 's', complete: { event: 'a', atLeast: 2 } }] }),
]

const happenings = fc.array(
  fc.record({
    eventName: fc.constantFrom('a', 'b', 'c', 'd'),
    amount: fc.constantFrom(undefined, 1, 2, 3),
    pipelineId: fc.constantFrom(undefined, 'p', 'q', 'r'),
    learnerId: fc.constantFrom('ada', 'ada', 'bob'),
    accountId: fc.constantFrom(undefined, 'north'),
    /** Of one moment, an event that came later can sort before, and then it is part of the other one's past. */
    pause: fc.constantFrom(1, HOUR, 8 * HOUR, DAY),
    /** Whether it comes in by another door, which answers no outcomes. */
    isQuiet: fc.boolean(),
  }),
  { minLength: 5, maxLength: 20 },
)

it('what recordEvent answered is what explain says later', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(happenings, async (events) => {
      const { ok, clock, journey } = await startJourney(TRACKS)
      const answers = new Map<string, { readonly learnerId: string; readonly outcomes: readonly object[] }>()
      for (const [index, { amount, pipelineId, pause, isQuiet, ...rest }] of events.entries()) {
        clock.now += pause
        await journey.wake()
        const eventId = `e${index}`
        const event = { ...rest, eventId, eventPayload: { amount, pipelineId } }
        if (isQuiet) await ok(IngestContract, { events: [event] })
        else {
          const { outcomes } = await ok(RecordOnboardingEventContract, event)
          answers.set(eventId, { learnerId: event.learnerId, outcomes })
        }
      }
      clock.now += 10 * DAY
      await journey.wake()
      for (const [eventId, { learnerId, outcomes }] of answers) {
        const explained = await ok(ExplainContract, { learnerId, eventId })
        expect(sorted(explained.outcomes)).toEqual(sorted(outcomes))
        compared += outcomes.length
      }
    }),
    { numRuns: RUNS },
  )
  expect(compared).toBeGreaterThan(RUNS * 10)
})

function sorted(outcomes: readonly object[]): readonly object[] {
  return [...outcomes].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
