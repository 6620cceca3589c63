import { describe, expect, test } from 'vitest'
import { sha256 } from '../../test-support/journey-process.ts'
import { parseFactCursor, toFactCursor } from './fact-cursor.ts'

describe('a cursor', () => {
  test.each([0, 1, 35, 36, 1_000_000, Number.MAX_SAFE_INTEGER])('leads back to the position %s', (position) => {
    expect(parseFactCursor('acme', toFactCursor('acme', position, sha256), sha256)).toBe(position)
  })

  test('of another tenant is none, nor is one that was changed', () => {
    const cursor = toFactCursor('acme', 7, sha256)
    for (const text of [
      toFactCursor('other', 7, sha256),
      cursor.replace('7.', '8.'),
      cursor.replace('7.', '07.'),
      cursor.slice(0, -1),
      '7',
      '',
      `zzzzzzzzzzz.${cursor.slice(2)}`,
    ]) {
      expect(parseFactCursor('acme', text, sha256), text).toBeUndefined()
    }
  })
})
