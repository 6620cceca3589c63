import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Id, isId, Moment, utf8Length } from './text.ts'

test('an id is 1 to 256 bytes of storable text', () => {
  for (const id of ['a', 'x'.repeat(256), 'é'.repeat(128), '😀'.repeat(64), ' ', '../']) {
    expect(Id.safeParse(id).success, id).toBe(true)
    expect(isId(id), id).toBe(true)
  }
  for (const id of ['', 'x'.repeat(257), 'é'.repeat(129), '😀'.repeat(65), 'a\0b', '\ud83d', 'a\ude00b']) {
    expect(Id.safeParse(id).success, JSON.stringify(id)).toBe(false)
    expect(isId(id), JSON.stringify(id)).toBe(false)
  }
})

test('the schema and the guard agree on any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(fc.constantFrom('\0', '\ud800', 'é', '😀'), fc.string({ maxLength: 1 })), maxLength: 300 }),
      (text) => {
        expect(isId(text)).toBe(Id.safeParse(text).success)
      },
    ),
  )
})

test('the length of a text is that of its UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
    }),
  )
})

test('a moment has an offset and is not before 1970', () => {
  for (const moment of [
    '2026-03-01T09:30:00Z',
    '2026-03-01T09:30:00.123456+05:30',
    '1970-01-01T00:00:00Z',
    '1970-01-01T01:00:00+01:00',
  ])
    expect(Moment.safeParse(moment).success, moment).toBe(true)
  for (const moment of [
    '2026-03-01',
    '2026-03-01T09:30:00',
    '2026-02-30T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+01:00',
    'yesterday',
    '',
  ])
    expect(Moment.safeParse(moment).success, moment).toBe(false)
})
