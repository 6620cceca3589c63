import { defineEvent } from '@waymark/contract'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { Anything, DealCreated, PageRead, PipelineCreated, QuizPassedV2, VisitMade } from '../../test-support/crm.ts'
import type { TrackModel } from '../engine/index.ts'
import { all, any, correlate, count, inWindow, mastery, sequence } from './conditions.ts'
import { defineTrack } from './define-track.ts'
import { defineTraits } from './define-traits.ts'
import { on } from './on.ts'

const deals = on(DealCreated)
const base = { key: 'win', version: '1.0.0' }

// Fields, and fields of fields.
deals.where({ amount: 5, dealId: 'a', owner: { id: 'ada', address: { city: 'Rome', 'zip/code': { gt: 1 } } } })
// @ts-expect-error an unknown field
deals.where({ ammount: 5 })
// @ts-expect-error an unknown field of a field
deals.where({ owner: { name: 'ada' } })
// @ts-expect-error an unknown field two levels down
deals.where({ owner: { address: { town: 'Rome' } } })

// Operands have the type of the field.
deals.where({ amount: { gte: 1, lt: 2, ne: 3, in: [1, 2], nin: [3], exists: true } })
// @ts-expect-error a text for a number
deals.where({ amount: { gte: '1' } })
// @ts-expect-error a bare text for a number
deals.where({ amount: '1' })
// @ts-expect-error a list of texts for a number
deals.where({ amount: { in: ['1'] } })
// @ts-expect-error a number has no beginning
deals.where({ amount: { startsWith: '1' } })
// @ts-expect-error an unknown operator
deals.where({ amount: { gtee: 1 } })
// @ts-expect-error a nested field with a wrong operand
deals.where({ owner: { address: { 'zip/code': 'x' } } })

// Values of an enum, all of them; a limit or a beginning may be any text.
deals.where({ plan: 'pro' }).where({ plan: { in: ['pro', 'team'], ne: 'free', startsWith: 'p', gte: 'a' } })
// @ts-expect-error no such value
deals.where({ plan: 'gold' })
// @ts-expect-error no such value in the list
deals.where({ plan: { in: ['pro', 'gold'] } })

// Nullable fields take null, others do not; optional ones are fields like any other.
deals
  .where({ closedAt: null })
  .where({ closedAt: { ne: null, in: ['2026-01-01', null] } })
  .where({ closedAt: { gt: '2026' } })
// @ts-expect-error never null
deals.where({ amount: null })
// @ts-expect-error optional is not nullable
deals.where({ plan: null })

// Arrays take operators only.
deals.where({ tags: { contains: 'vip', eq: ['a'], exists: true } })
// @ts-expect-error items are texts
deals.where({ tags: { contains: 1 } })
// @ts-expect-error a bare array means nothing
deals.where({ tags: ['vip'] })

// What the schema leaves open takes operators of any type.
deals.where({ custom: { colour: { eq: 'red' } } })
on(Anything).where({ whatever: { eq: { x: [1] } } })

// A boolean takes both values.
const Flag = defineEvent({
  meta: { key: 'flag.set', version: '3.0.0', stability: 'stable', owners: [], tags: [], description: '' },
  payload: z.object({ on: z.boolean(), level: z.union([z.literal(1), z.literal(2)]) }),
})
on(Flag)
  .where({ on: true, level: { in: [1, 2], gt: 1.5 } })
  .where({ on: { in: [true, false] } })
// @ts-expect-error no such level
on(Flag).where({ level: 3 })

// distinctBy names a field of the payload.
deals.distinctBy('dealId').atLeast(3)
// @ts-expect-error an unknown field
deals.distinctBy('pipelineId')

// @ts-expect-error an event is a contract, not a name
on('deal.created')
// @ts-expect-error an unknown lookback
deals.lookback('always')

// Steps know each other.
const track = defineTrack({
  ...base,
  steps: [
    { key: 'a', complete: deals },
    { key: 'b', after: { all: ['a'] }, complete: deals },
    { key: 'c', after: { any: ['a', 'b'] }, complete: deals },
  ],
})
expectTypeOf(track).toEqualTypeOf<TrackModel>()

defineTrack({
  ...base,
  steps: [
    { key: 'a', complete: deals },
    // @ts-expect-error an unknown step
    { key: 'b', after: { all: ['aa'] }, complete: deals },
  ],
})
// @ts-expect-error a step without a condition
defineTrack({ ...base, steps: [{ key: 'a' }] })
// @ts-expect-error an unknown field of a step
defineTrack({ ...base, steps: [{ key: 'a', complete: deals, skipable: true }] })
// @ts-expect-error an unknown field of a track
defineTrack({ ...base, audiance: {}, steps: [{ key: 'a', complete: deals }] })
// @ts-expect-error an unknown way to enrol
defineTrack({ ...base, enrol: 'always', steps: [{ key: 'a', complete: deals }] })
// @ts-expect-error an unknown field of the event that starts
defineTrack({ ...base, enrol: { onEvent: on(PipelineCreated).where({ id: 1 }) }, steps: [{ key: 'a', complete: deals }] })

// Sums are of numbers; what the schema leaves open may be one.
deals.sum('amount', 5_000).within('P7D').within('P7D', 'unlock')
on(Anything).sum('whatever', 1)
// @ts-expect-error a text has no sum
deals.sum('dealId', 1)
// @ts-expect-error a text that may be absent has none either
deals.sum('plan', 1)
// @ts-expect-error an unknown field
deals.sum('price', 1)
// @ts-expect-error windows start with the run or the unlocking
deals.within('P7D', 'completion')

// Events group by a field that all of them have.
const Closed = defineEvent({
  meta: { key: 'deal.closed', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: '' },
  payload: z.object({ dealId: z.string(), won: z.boolean() }),
})
const closed = on(Closed).where({ won: true })
correlate('dealId', deals)
correlate('dealId', all(deals, any(closed, sequence(deals, closed.atLeast(2)))))
correlate('whatever', on(Anything))
// @ts-expect-error only one of them has an amount
correlate('amount', all(deals, closed))
// @ts-expect-error nor somewhere deeper
correlate('dealId', all(deals, any(closed, sequence(on(PageRead), closed))))
// @ts-expect-error no such field
correlate('dealid', deals)
// @ts-expect-error groups inside groups
correlate('dealId', all(deals, correlate('dealId', closed)))
// What has groups inside is a condition like any other, and so is a list of conditions of one kind.
all(deals, correlate('dealId', all(deals, closed)))
correlate('dealId', all(...[deals, deals.atLeast(2)]))

// Traits.
const traits = defineTraits({
  learner: z.object({ plan: z.enum(['free', 'pro']), seats: z.int().optional(), company: z.object({ size: z.number() }) }),
  account: z.object({ tier: z.string() }),
})
traits.learner.where({ plan: 'pro', seats: { gte: 5 }, company: { size: { lt: 10 } } })
// @ts-expect-error an unknown trait
traits.learner.where({ tier: 'gold' })
// @ts-expect-error an unknown value
traits.learner.where({ plan: { in: ['team'] } })
// @ts-expect-error a text for a number
traits.account.where({ tier: 5 })
const pro = traits.learner.where({ plan: 'pro' })
defineTrack({ ...base, audience: pro, enrol: 'onSegment', steps: [{ key: 'a', complete: all(deals, pro) }] })
// A trait belongs to no event, so it does not matter to groups.
correlate('dealId', all(deals, pro, closed))
// @ts-expect-error an audience is about traits
defineTrack({ ...base, audience: deals, steps: [{ key: 'a', complete: deals }] })

// The earlier vocabulary.
count(DealCreated, 3, { amount: { gte: 1 } })
inWindow(VisitMade, 3, 'PT24H')
mastery(QuizPassedV2, { skillField: 'quiz', field: 'mastery', minimum: 0.8, count: 3 })
// @ts-expect-error an unknown field
count(DealCreated, 3, { price: 1 })
// @ts-expect-error a score is a number
mastery(QuizPassedV2, { skillField: 'quiz', field: 'quiz', minimum: 0.8, count: 3 })

// Branches are those of the steps.
defineTrack({
  ...base,
  steps: [
    { key: 'size', complete: deals, branches: [{ key: 'big', when: deals.atLeast(2) }], default: 'small' },
    { key: 'a', after: { branch: 'size.big' }, complete: deals },
    { key: 'b', after: { all: ['size'], branch: 'size.small' }, complete: deals },
  ],
})
defineTrack({
  ...base,
  steps: [
    { key: 'size', complete: deals, branches: [{ key: 'big', when: deals.atLeast(2) }], default: 'small' },
    // @ts-expect-error an unknown branch
    { key: 'a', after: { branch: 'size.huge' }, complete: deals },
    // @ts-expect-error an unknown step of a branch
    { key: 'b', after: { branch: 'sise.big' }, complete: deals },
  ],
})
defineTrack({
  ...base,
  steps: [
    { key: 'a', complete: deals },
    // @ts-expect-error there are no branches
    { key: 'b', after: { branch: 'a.big' }, complete: deals },
  ],
})

// A streak is of an event.
defineTrack({ ...base, streak: { on: deals, period: 'day', grace: 'PT4H' }, steps: [{ key: 'a', complete: deals }] })
// @ts-expect-error not of several
defineTrack({ ...base, streak: { on: all(deals), period: 'day' }, steps: [{ key: 'a', complete: deals }] })
