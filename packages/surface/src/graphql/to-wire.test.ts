import { expect, it } from 'vitest'
import type { PlannedType } from './schema-plan.ts'
import { toWire } from './to-wire.ts'

const use = (name: string) => ({ name, nullable: false })
const field = (name: string, wire: string, type: string) => ({ name, wire, use: use(type), description: undefined })
const types = new Map<string, PlannedType>([
  [
    'Outer',
    {
      kind: 'input',
      name: 'Outer',
      description: undefined,
      fields: [{ ...field('in_ner', 'in-ner', ''), use: { items: use('Inner'), nullable: false } }],
    },
  ],
  [
    'Inner',
    {
      kind: 'input',
      name: 'Inner',
      description: undefined,
      fields: [field('_1st', '1st', 'String'), field('free', 'free', 'JSON')],
    },
  ],
])

it('an input gets back the names that its fields have in JSON, however deep, and free values stay as they are', () => {
  const free = { _1st: { in_ner: [1, null] } }
  expect(toWire({ types }, use('Outer'), { in_ner: [{ _1st: 'a', free }, { free }] })).toEqual({
    'in-ner': [{ '1st': 'a', free }, { free }],
  })
})

it('objects that were made for a document become plain ones', () => {
  const bare = Object.assign(Object.create(null), { free: Object.assign(Object.create(null), { a: 1 }) })
  const plain = toWire({ types }, use('Inner'), bare) as { readonly free: object }
  expect([plain, plain.free].map(Object.getPrototypeOf)).toEqual([Object.prototype, Object.prototype])
})
