import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Line, readLines } from './read-lines.ts'

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(bytes: Buffer, sizes = [7], after?: Parameters<typeof readLines>[1]): Promise<Line[]> {
  const lines: Line[] = []
  for await (const line of readLines(chunksOf(bytes, sizes), after)) lines.push(line)
  return lines
}

it('gives every line with its number and its place, whatever the ends of lines and the sizes of chunks', async () => {
  const lines = await read(Buffer.from('\ufeffone\r\n\ntwo é\nthree'))
  expect(lines).toEqual([
    { number: 1, text: 'one', end: 8 },
    { number: 2, text: '', end: 9 },
    { number: 3, text: 'two é', end: 16 },
    { number: 4, text: 'three', end: 21 },
  ])
})

it('goes on behind any line as if it had read from the beginning', async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '{', ' ') }))
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(texts, sizes, fc.nat(), async (parts, chunkSizes, pick) => {
      const bytes = Buffer.from(parts.join('\n'))
      const all = await read(bytes, [bytes.length || 1])
      expect(await read(bytes, chunkSizes)).toEqual(all)
      const last = all[pick % (all.length || 1)]
      const rest = await read(bytes, chunkSizes, last && { offset: last.end, lines: last.number })
      expect(rest).toEqual(last === undefined ? [] : all.slice(last.number))
    }),
  )
})

it('sets aside a line that is too long or no text, and keeps the others', async () => {
  const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.alloc(1_048_577, 'x'), Buffer.from('\nb\n'), Buffer.from([0xff, 0x0a])])
  const lines = await read(bytes, [65_536])
  expect(lines).toMatchObject([
    { number: 1, text: 'a' },
    { number: 2, text: '', flaw: { status: 'too_large' } },
    { number: 3, text: 'b' },
    { number: 4, flaw: { status: 'invalid', detail: 'The line is not UTF-8 text.' } },
  ])
})
