import { assert, property, string } from 'fast-check'
import { it } from 'vitest'
import { compareText } from './compare-text.ts'

it('orders text as its UTF-8 bytes are ordered', () => {
  const text = string({ unit: 'binary' })
  assert(
    property(text, text, (a, b) => Math.sign(compareText(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b))),
    {
      examples: [
        ['\uff01', '😀'],
        ['a', 'a\u0000'],
        ['\ud7ff', '\ue000'],
      ],
    },
  )
})
