import { defineEvent } from '@waymark/contract'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { Anything, DealCreated, PipelineCreated } from '../../test-support/crm.ts'
import type { TrackModel } from '../engine/index.ts'
import { defineTrack } from './define-track.ts'
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
defineTrack({ ...base, steps: [{ key: 'a', complete: deals, skippable: true }] })
// @ts-expect-error an unknown field of a track
defineTrack({ ...base, audience: {}, steps: [{ key: 'a', complete: deals }] })
// @ts-expect-error an unknown way to enrol
defineTrack({ ...base, enrol: 'onSegment', steps: [{ key: 'a', complete: deals }] })
// @ts-expect-error an unknown field of the event that starts
defineTrack({ ...base, enrol: { onEvent: on(PipelineCreated).where({ id: 1 }) }, steps: [{ key: 'a', complete: deals }] })
