import { composeRegistry, defineEvent, defineModule } from '@waymark/contract'
import type { LeafModel } from '@waymark/learning-journey'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toSamplePayload } from './sample-payload.ts'

function sample(payload: z.ZodType, leaf: Partial<LeafModel> = {}): unknown {
  const meta = { key: 'thing.done', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Done.' } as const
  const registry = composeRegistry(defineModule({ key: 'm', contracts: [defineEvent({ meta, payload: payload as never })] }))
  return toSamplePayload(registry.events[0] as never, leaf, 1)
}

it('fills required fields of every kind with values that the contract takes', () => {
  const Inner = z.object({ at: z.iso.datetime(), flag: z.boolean() })
  const payload = z.object({
    dealId: z.string().min(10),
    email: z.email(),
    code: z.string().max(2),
    amount: z.number().min(5).max(6),
    count: z.int().positive(),
    kind: z.enum(['a', 'b']),
    exact: z.literal('x'),
    inner: Inner,
    tags: z.array(z.string()).min(2),
    either: z.union([z.number(), z.string()]),
    nothing: z.null(),
    optional: z.string().optional(),
  })
  const made = sample(payload)
  expect(payload.parse(made)).toEqual(made)
  expect(made).not.toHaveProperty('optional')
})

describe('a condition', () => {
  it.each<[where: LeafModel['where'], expected: object]>([
    [{ '/kind': 'call' }, { kind: 'call' }],
    [{ '/kind': { in: ['b', 'c'] } }, { kind: 'b' }],
    [{ '/amount': { gte: 1_000 } }, { amount: 1_000 }],
    [{ '/amount': { gt: 7 } }, { amount: 8 }],
    [{ '/amount': { lt: 7 } }, { amount: 6 }],
    [{ '/inner/name': { startsWith: 'Ad' } }, { inner: { name: 'Ad' } }],
  ])('%j is met', (where, expected) => {
    const payload = z.object({
      kind: z.string().optional(),
      amount: z.number().optional(),
      inner: z.object({ name: z.string() }).optional(),
    })
    expect(sample(payload, { where })).toEqual(expected)
  })

  it('on distinct values has one', () => {
    expect(sample(z.object({ memberId: z.string().optional() }), { distinctBy: '/memberId' })).toEqual({ memberId: 'sample-1' })
  })
})

it('gives up where it cannot know what the contract takes', () => {
  expect(sample(z.object({ code: z.string().regex(/^Q\d{9}$/) }))).toBeUndefined()
})
