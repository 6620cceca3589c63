import { expect, test } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineCommand } from './define.ts'
import { RESERVED } from './errors.ts'
import { toProblem } from './problem.ts'

const Close = defineCommand({
  meta: meta('crm.deals.close'),
  io: {
    input: z.object({}),
    output: z.object({}),
    errors: { DEAL_CLOSED: { description: 'The deal is closed', http: 409, gqlCode: 'DEAL_CLOSED', when: 'It was won or lost' } },
  },
  policy: { auth: 'user' },
})

test('a declared error takes its words and status from the contract', () => {
  expect(toProblem(Close, 'DEAL_CLOSED', 'req-1')).toEqual({
    type: 'urn:waymark:error:DEAL_CLOSED',
    title: 'The deal is closed',
    status: 409,
    detail: 'It was won or lost',
    instance: 'urn:waymark:request:req-1',
    code: 'DEAL_CLOSED',
  })
})

test('what the handler said of this occurrence comes along', () => {
  const init = { detail: 'd1 was won.', data: { id: 'd1' }, retryAfter: 3, errors: [] }
  expect(toProblem(Close, 'DEAL_CLOSED', 'req-1', init)).toMatchObject(init)
})

test.each(Object.entries(RESERVED))('%s needs no declaration and no operation', (code, { http, title, when }) => {
  expect(toProblem(undefined, code, 'req-1')).toMatchObject({ code, status: http, title, detail: when })
})

test('the reserved codes have the statuses that every surface documents', () => {
  expect(Object.fromEntries(Object.entries(RESERVED).map(([code, { http }]) => [code, http]))).toEqual({
    VALIDATION_FAILED: 422,
    UNAUTHENTICATED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    CONFLICT: 409,
    IDEMPOTENCY_MISMATCH: 409,
    PAYLOAD_TOO_LARGE: 413,
    RATE_LIMITED: 429,
    GONE: 410,
    TIMEOUT: 504,
    INTERNAL: 500,
  })
})

test('a code that is a property of every object is still unknown', () => {
  expect(toProblem(Close, 'constructor', 'req-1')).toMatchObject({ status: 500, title: RESERVED.INTERNAL.title })
})
