import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'

const numbers = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER),
)
const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 400 }))

type Item = { readonly number: number } | { readonly text: string } | { readonly u32: number } | { readonly byte: number }
const items = fc.array<Item>(
  fc.oneof(
    fc.record({ number: numbers }),
    fc.record({ text: texts }),
    fc.record({ u32: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
    fc.record({ byte: fc.integer({ min: 0, max: 255 }) }),
  ),
  { maxLength: 30 },
)

function write(list: readonly Item[]): Uint8Array {
  const writer = new ByteWriter()
  for (const item of list) {
    if ('number' in item) writer.number(item.number)
    else if ('text' in item) writer.text(item.text)
    else if ('u32' in item) writer.u32(item.u32)
    else writer.byte(item.byte)
  }
  return writer.done()
}

function read(bytes: Uint8Array, like: readonly Item[]): Item[] {
  const reader = new ByteReader(bytes)
  return like.map((item): Item => {
    if ('number' in item) return { number: reader.number() }
    if ('text' in item) return { text: reader.text() }
    return 'u32' in item ? { u32: reader.u32() } : { byte: reader.byte() }
  })
}

test('what is written is read again: numbers up to 2^53 − 1 and any well-formed text', () => {
  fc.assert(
    fc.property(items, (list) => {
      expect(read(write(list), list)).toEqual(list)
    }),
    { numRuns: 1_000 },
  )
})

test('texts are UTF-8', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = write([{ text }])
      const reader = new ByteReader(bytes)
      expect(Buffer.from(reader.slice(reader.number()))).toEqual(
        Buffer.from(bytes.subarray(bytes.length - Buffer.byteLength(text))),
      )
      expect(Buffer.from(bytes.subarray(bytes.length - Buffer.byteLength(text))).toString()).toBe(text)
    }),
  )
})

test('a small number takes one byte, the largest eight', () => {
  expect(write([{ number: 127 }])).toHaveLength(1)
  expect(write([{ number: Number.MAX_SAFE_INTEGER }])).toHaveLength(8)
})

test('bytes that end too early throw a RangeError, wherever they are cut', () => {
  fc.assert(
    fc.property(items, fc.nat(), (list, at) => {
      const bytes = write(list)
      fc.pre(bytes.length > 0)
      expect(() => read(bytes.subarray(0, at % bytes.length), list)).toThrow(RangeError)
    }),
    { numRuns: 1_000 },
  )
})

test('a length that no buffer has throws a RangeError', () => {
  const endless = new Uint8Array(400).fill(255)
  expect(() => new ByteReader(endless).text()).toThrow(RangeError)
  expect(() => {
    const reader = new ByteReader(endless)
    reader.slice(reader.number())
  }).toThrow(RangeError)
})

test('slices are views, and end where they should', () => {
  const writer = new ByteWriter()
  writer.bytes(Uint8Array.of(1, 2, 3))
  const reader = new ByteReader(writer.done())
  expect([...reader.slice(2)]).toEqual([1, 2])
  expect(reader.more()).toBe(true)
  expect([...reader.slice(1)]).toEqual([3])
  expect(reader.more()).toBe(false)
})
