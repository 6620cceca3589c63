import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definitionError } from '../test-support/definition-error.ts'
import { meta } from '../test-support/meta.ts'
import type { Operation } from './contract.ts'
import { defineCommand, defineModule, defineQuery } from './define.ts'
import { page } from './page.ts'
import { composeRegistry } from './registry.ts'
import { jsonSchemaOf } from './schema.ts'
import { isStream, stream } from './stream.ts'
import { validate } from './validation.ts'

const Change = z.object({ cursor: z.string(), amount: z.number() })
const Watch = defineQuery({
  meta: meta('crm.deals.watch'),
  io: { input: z.strictObject({ dealId: z.string() }), output: stream(Change) },
  policy: { auth: 'user' },
})
const { input, output } = Watch.io

describe('the input of a stream query', () => {
  test('takes a cursor to go on after, and has none from now on', () => {
    expect(validate(input, { dealId: 'd', after: 'c1' })).toEqual({ ok: true, value: { dealId: 'd', after: 'c1' } })
    expect(validate(input, { dealId: 'd' })).toEqual({ ok: true, value: { dealId: 'd', after: null } })
  })

  test('refuses a cursor that is no text, beside what the declared schema refuses', async () => {
    expect(await validate(input, { after: 7 })).toMatchObject({
      ok: false,
      issues: [
        { pointer: '/dealId', received: 'nothing' },
        { pointer: '/after', expected: 'string', received: 'number' },
      ],
    })
  })

  test('describes itself with the cursor', () => {
    expect(jsonSchemaOf(input, 'input')).toMatchObject({
      properties: { dealId: {}, after: { type: 'string' } },
      required: ['dealId'],
    })
  })
})

describe('the output', () => {
  test('is an async iterable, and is described by one item', async () => {
    expect(await validate(output, (async function* () {})())).toMatchObject({ ok: true })
    expect(await validate(output, [1, 2])).toMatchObject({ ok: false, issues: [{ expected: 'async iterable' }] })
    expect(jsonSchemaOf(output, 'output')).toEqual(jsonSchemaOf(Change, 'output'))
  })

  test('can be told from any other schema', () => {
    expect([isStream(output), isStream(Change), isStream(page(Change))]).toEqual([true, false, false])
  })
})

describe('a registry', () => {
  const compose = (operation: Operation) => composeRegistry(defineModule({ key: 'crm', contracts: [operation] }))
  const query = (output: Parameters<typeof defineQuery>[0]['io']['output']) =>
    defineQuery({ meta: meta('crm.watch'), io: { input: z.object({}), output }, policy: { auth: 'user' } })

  test('takes a stream, with the schema of its item', () => {
    expect(compose(Watch).operations[0]?.outputSchema).toEqual(jsonSchemaOf(Change, 'output'))
  })

  test.each([
    ['a command', 'a command', () => defineCommand({ ...Watch, meta: meta('crm.watch'), io: { ...Watch.io, errors: {} } })],
    ['a page of streams', 'page of streams', () => query(page(stream(Change)))],
    ['a stream of pages', 'stream of pages', () => query(stream(page(Change) as never))],
    ['items without a cursor', 'no field cursor', () => query(stream(z.object({ id: z.string() }) as never))],
  ])('refuses %s that streams', (_, words, operation) => {
    const error = definitionError(() => compose(operation()))
    expect(error.code).toBe('CONTRACT_STREAM_ILLEGAL')
    expect(error.message).toContain(words)
    expect(error.message).toContain('@1.0.0')
  })
})
