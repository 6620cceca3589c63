import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expectDocumented } from '../../test-support/expect-documented.ts'
import { createFixture } from '../../test-support/fixture.ts'

const { rest, failures } = createFixture({
  mappings: [{ from: 'e', to: 'order.placed', payload: { '/a': '/b' }, learner: '/l' }],
})
const paths = Object.keys(rest.document.paths).filter((path) => !path.includes('/break'))

const names = fc.oneof(
  fc.constantFrom(
    'learnerId',
    'items',
    'text',
    'count',
    'cursor',
    'limit',
    'batch',
    'type',
    'userId',
    'properties',
    'context',
    'data',
    'id',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', '\0', '\ud800'),
  fc.string(),
)
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.constantFrom('track', '1.0', 'e'), tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map((entries) => ({ entries })),
}))

/** Objects are written by hand, so that a key can come twice. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = 'entries' in value && Array.isArray(value.entries) ? value.entries : Object.entries(value)
  return `{${entries.map((entry) => (Array.isArray(entry) ? `${JSON.stringify(String(entry[0]))}:${write(entry[1])}` : '"x":0')).join(',')}}`
}

const bodies = fc.oneof(
  values.value.map(write),
  values.array.map((batch) => `{"batch":${write(batch)}}`),
  fc.string(),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
)
const contentTypes = fc.constantFrom(
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'text/plain',
  ';',
)
const headers = fc.record(
  {
    'content-type': contentTypes,
    'content-encoding': fc.constantFrom('gzip', 'deflate', 'identity', 'zip'),
    'content-length': fc.constantFrom('0', '-1', 'NaN', '9'),
    'idempotency-key': fc.constantFrom('', 'k', 'a b', 'ü'),
    authorization: fc.constantFrom(
      'Bearer service',
      'Bearer learner:l1',
      'Bearer',
      'Basic',
      `Basic ${btoa('service:')}`,
      'Bearer operator',
    ),
    'ce-specversion': fc.constantFrom('1.0', '0.3', '%'),
    'ce-id': fc.constantFrom('1', '%ff', '"'),
    'ce-source': fc.constantFrom('/s', '%'),
    'ce-type': fc.constantFrom('order.placed.v1', '.v1', 'e'),
  },
  { requiredKeys: ['authorization'] },
)

it('malformed input is never answered with a 5xx, and every answer is documented', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), headers, bodies, async (path, headers, body) => {
      const request = new Request(`http://shop.test${path}`, { method: 'POST', headers, body: body as BodyInit })
      const response = await rest.fetch(request.clone())
      expect(response.status).toBeLessThan(500)
      await expectDocumented(rest.document, request, response)
    }),
    { numRuns: 400 },
  )
  expect(failures).toEqual([])
})

it('a malformed query string is never answered with a 5xx, and every answer is documented', async () => {
  const queries = paths.filter((path) => rest.document.paths[path]?.get !== undefined)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...queries),
      fc.array(fc.tuple(names, fc.oneof(fc.string(), values.value.map(write)))),
      async (path, parameters) => {
        const search = parameters.map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${value}`).join('&')
        const request = new Request(`http://shop.test${path}?${search}`, { headers: { authorization: 'Bearer service' } })
        const response = await rest.fetch(request)
        expect(response.status).toBeLessThan(500)
        await expectDocumented(rest.document, request, response)
      },
    ),
    { numRuns: 200 },
  )
  expect(failures).toEqual([])
})
