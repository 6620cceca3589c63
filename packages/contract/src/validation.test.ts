import { expect, test } from 'vitest'
import { z } from 'zod'
import { describeIssues, type Issue, MOST_ISSUES, summariseIssues, validate } from './validation.ts'

function issuesOf(schema: z.ZodType, value: unknown): readonly Issue[] {
  const result = validate(schema, value)
  if ('then' in result || result.ok) throw new Error('Expected a refusal, at once')
  return result.issues
}

test('every issue has a pointer, what was expected and what came', () => {
  const schema = z.object({ 'a/b': z.string(), list: z.array(z.object({ n: z.number() })), flag: z.boolean(), at: z.null() })
  expect(issuesOf(schema, { 'a/b': 1, list: [{ n: 1 }, { n: Number.NaN }], at: [] })).toMatchObject([
    { pointer: '/a~1b', expected: 'string', received: 'number' },
    { pointer: '/list/1/n', expected: 'number', received: 'NaN' },
    { pointer: '/flag', expected: 'boolean', received: 'nothing' },
    { pointer: '/at', expected: 'null', received: 'array' },
  ])
})

test('an issue with the whole input has the empty pointer', () => {
  expect(issuesOf(z.object({}), null)).toMatchObject([{ pointer: '', expected: 'object', received: 'null' }])
})

test('each unknown field is an issue of its own', () => {
  const schema = z.strictObject({ deal: z.strictObject({ id: z.string() }) })
  expect(issuesOf(schema, { deal: { id: 'a', 'x~y': 1 }, one: 'text', two: {} })).toEqual([
    { pointer: '/deal/x~0y', message: 'Unknown field', expected: 'no such field', received: 'number' },
    { pointer: '/one', message: 'Unknown field', expected: 'no such field', received: 'string' },
    { pointer: '/two', message: 'Unknown field', expected: 'no such field', received: 'object' },
  ])
})

test.each([
  [z.enum(['open', 'won']), 'lost', 'one of "open"|"won"'],
  [z.literal('deal'), 'x', '"deal"'],
  [z.string().min(3), 'x', 'string to have >=3 characters'],
  [z.number().max(3), 4, 'number to be <=3'],
  [z.email(), 'x', 'email'],
  [z.iso.datetime(), 'x', 'datetime'],
  [z.string().regex(/^x$/), 'y', 'Invalid string: must match pattern /^x$/'],
  [z.union([z.string(), z.number()]), true, 'string or number'],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]), {}, 'string at /a or number at /b'],
  [z.string().refine(() => false, 'Odd names only'), 'x', 'Odd names only'],
])('what a rule expects is said in its own words: %#', (schema, value, expected) => {
  expect(issuesOf(z.object({ field: schema }), { field: value })).toMatchObject([{ pointer: '/field', expected }])
})

test('a wrong discriminator is named with what it may be', () => {
  const schema = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })])
  expect(issuesOf(schema, { kind: 'c' })).toMatchObject([{ pointer: '/kind', expected: "'a' | 'b'" }])
})

test('a wrong key of a record is named with its rule', () => {
  const schema = z.record(z.string().min(3), z.number())
  expect(issuesOf(schema, { ab: 1 })).toMatchObject([{ pointer: '/ab', expected: 'string to have >=3 characters' }])
})

test('what came is told by its type only', () => {
  const issues = issuesOf(z.strictObject({ pin: z.number() }), { pin: 'hunter2', token: 'hunter3' })
  expect(JSON.stringify(issues)).not.toContain('hunter')
  expect(describeIssues(issues)).toBe('/pin expected number, received string; /token expected no such field, received string')
})

test('inherited properties are not what came', () => {
  expect(issuesOf(z.object({ constructor: z.string() }), {})).toMatchObject([{ pointer: '/constructor', received: 'nothing' }])
})

test('a synchronous schema answers at once, an asynchronous one later', async () => {
  expect(validate(z.string(), 'a')).toEqual({ ok: true, value: 'a' })
  const late = validate(
    z.string().refine(async () => false),
    'a',
  )
  expect(late).toBeInstanceOf(Promise)
  expect(await late).toMatchObject({ ok: false, issues: [{ pointer: '' }] })
})

test('of very many issues the first hundred are kept, and said to be more', () => {
  const wrong = Array.from({ length: 5_000 }, () => 'a')
  const unknown = Object.fromEntries(wrong.map((value, index) => [`k${index}`, value]))
  for (const issues of [issuesOf(z.array(z.number()), wrong), issuesOf(z.strictObject({}), unknown)]) {
    const { detail, errors } = summariseIssues(issues)
    expect([issues.length, errors.length]).toEqual([MOST_ISSUES + 1, MOST_ISSUES])
    expect(detail).toMatch(/ \(and at least 100 more\)$/)
  }
  expect(summariseIssues(issuesOf(z.array(z.number()), ['a', 'b']))).toMatchObject({
    detail: expect.stringMatching(/^\/0: .* \(and 1 more\)$/),
    errors: [{ pointer: '/0' }, { pointer: '/1' }],
  })
})
