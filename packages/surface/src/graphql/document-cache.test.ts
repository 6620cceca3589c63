import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { createDocumentCache } from './document-cache.ts'

const [a, b, c] = ['{ aaa }', '{ bbb }', '{ ccc }'] as const

it('gives back the document that was put in, and forgets what was used least recently', () => {
  const cache = createDocumentCache(2 * a.length)
  const first = parse(a)
  for (const text of [a, b]) cache.set(text, text === a ? first : parse(text))
  expect(cache.get(a)).toBe(first)
  cache.set(c, parse(c))
  expect([a, b, c].map((text) => cache.get(text) !== undefined)).toEqual([true, false, true])
})

it('keeps what it has when one comes that is too long, or comes again', () => {
  const cache = createDocumentCache(a.length)
  const first = parse(a)
  cache.set(a, first)
  cache.set(a, parse(a))
  cache.set(`${b} `, parse(b))
  expect([cache.get(a), cache.get(`${b} `)]).toEqual([first, undefined])
})
