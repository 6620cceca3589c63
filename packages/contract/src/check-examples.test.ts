import { expect, test } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { checkExamples } from './check-examples.ts'
import type { Example } from './contract.ts'
import { defineCommand, defineModule, defineQuery } from './define.ts'
import { composeRegistry } from './registry.ts'
import { stream } from './stream.ts'

const TOO_LARGE = { description: 'Too large', http: 422, gqlCode: 'TOO_LARGE', when: 'Above the limit' }

function registryWith(...examples: readonly Example[]) {
  const Add = defineCommand({
    meta: { ...meta('crm.add'), examples: examples as never },
    io: { input: z.object({ amount: z.number() }), output: z.object({ id: z.string() }), errors: { TOO_LARGE } },
    policy: { auth: 'service' },
  })
  return composeRegistry(defineModule({ key: 'crm', contracts: [Add] }))
}

test('examples that their schemas admit, and errors that are declared or reserved, are as they should be', async () => {
  const registry = registryWith(
    { title: 'Adds a deal.', input: { amount: 1 }, output: { id: 'd-1' } },
    { title: 'A large one is refused.', input: { amount: 1e9 }, error: 'TOO_LARGE' },
    { title: 'So is a stranger.', input: { amount: 1 }, error: 'UNAUTHENTICATED' },
    { title: 'What it answers is too long.', input: { amount: 2 } },
  )
  expect(await checkExamples(registry)).toEqual([])
  expect(registry.operations[0]?.operation.meta.examples).toHaveLength(4)
})

test.each([
  [{ title: 'T', input: { amount: 'a' } }, 'The input of the example "T" of crm.add@1.0.0 is refused at /amount: '],
  [{ title: 'T', input: { amount: 1 }, output: {} }, 'The output of the example "T" of crm.add@1.0.0 is refused at /id: '],
  [
    { title: 'T', input: { amount: 1 }, error: 'GONE_AWAY' },
    'The example "T" of crm.add@1.0.0 meets GONE_AWAY, which the contract does not declare. It has: TOO_LARGE.',
  ],
  [
    { title: 'T', input: { amount: 1 }, output: { id: 'a' }, error: 'TOO_LARGE' },
    'The example "T" of crm.add@1.0.0 has an output and an error.',
  ],
] satisfies [Example, string][])('what is wrong with %j is said', async (example, problem) => {
  expect(await checkExamples(registryWith(example))).toEqual([expect.stringContaining(problem)])
})

test('of a stream each item is checked', async () => {
  const Watch = defineQuery({
    meta: { ...meta('crm.watch'), examples: [{ title: 'T', input: {}, output: [{ cursor: '1' }, { cursor: 2 as never }] }] },
    io: { input: z.object({}), output: stream(z.object({ cursor: z.string() })) },
    policy: { auth: 'service' },
  })
  expect(await checkExamples(composeRegistry(defineModule({ key: 'crm', contracts: [Watch] })))).toEqual([
    expect.stringContaining('The output of the example "T" of crm.watch@1.0.0 is refused at /cursor: '),
  ])
})
