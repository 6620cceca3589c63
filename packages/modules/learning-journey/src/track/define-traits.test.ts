import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTraits } from './define-traits.ts'

const traits = defineTraits({
  learner: z.object({ plan: z.string(), company: z.object({ size: z.number() }) }),
  account: z.object({ tier: z.string() }),
  pii: ['/email'],
})

describe('defineTraits', () => {
  test('is frozen data', () => {
    expect(traits).toMatchObject({ kind: 'traits', pii: ['/email'] })
    for (const part of [traits, traits.learner, traits.account, traits.pii]) expect(Object.isFrozen(part)).toBe(true)
  })

  test('one trait is a leaf, several are all of them, and both are audiences', () => {
    const one = traits.account.where({ tier: 'gold' })
    expect(one.model).toEqual({ trait: '/tier', is: 'gold' })
    expect(one.audience).toEqual({ '/tier': 'gold' })
    const two = traits.learner.where({ plan: { in: ['pro'] }, company: { size: { gte: 5 } } })
    expect(two.model).toEqual({
      all: [
        { trait: '/plan', is: { in: ['pro'] } },
        { trait: '/company/size', is: { gte: 5 } },
      ],
    })
    expect(two.audience).toEqual({ '/plan': { in: ['pro'] }, '/company/size': { gte: 5 } })
  })

  test('a trait that has no JSON Schema is refused at once', () => {
    const schema = z.object({ since: z.date() })
    expect(() => defineTraits({ learner: schema, account: z.object({}) })).toThrow('Date cannot be represented in JSON Schema')
  })
})
