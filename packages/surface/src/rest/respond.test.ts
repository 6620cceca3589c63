import { expect, it } from 'vitest'
import { jsonResponse } from './respond.ts'

it.each([
  ['plain text', 'tea'],
  ['two bytes a letter', 'thé'],
  ['four bytes a letter', '🍵'],
  ['half a letter, which is written as an escape', '\ud83c'],
  ['a long text', 'x'.repeat(5_000)],
  ['a long text with one other letter', `${'x'.repeat(5_000)}é`],
])('says how many bytes an answer has: %s', async (_, value) => {
  const answer = jsonResponse(200, { value })
  const declared = Number(answer.headers.get('content-length'))
  const bytes = await answer.bytes()
  expect(declared).toBe(bytes.byteLength)
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ value })
})
