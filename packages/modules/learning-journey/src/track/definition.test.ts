import { describe, expect, test } from 'vitest'
import { BAD, CONTRADICTORY, document, GOOD, withCondition } from '../../test-support/track-documents.ts'
import { parseTrack } from './definition.ts'

describe('a track', () => {
  test.each(GOOD)('is %s', (_, definition) => {
    const parsed = parseTrack(definition)
    expect(parsed.ok ? [] : parsed.issues).toEqual([])
  })

  test('is a frozen copy, without the $schema', () => {
    const definition = document({ $schema: 'x', title: { en: 'Hi' } })
    const parsed = parseTrack(definition)
    if (!parsed.ok) throw new Error('refused')
    expect(parsed.track).toEqual(document({ title: { en: 'Hi' } }))
    expect(Object.isFrozen(parsed.track.steps[0]?.complete)).toBe(true)
    expect(Object.isFrozen(parsed.track.title)).toBe(true)
    expect(Object.isFrozen(definition)).toBe(false)
  })
})

describe('no track', () => {
  for (const [what, definition, ...issues] of [...BAD, ...CONTRADICTORY]) {
    test(`is ${what}`, () => {
      const parsed = parseTrack(definition)
      expect(parsed.ok ? [] : parsed.issues.map(({ pointer }) => pointer)).toEqual(issues.map(([pointer]) => pointer))
      for (const [index, [, words]] of issues.entries()) expect(parsed.ok || parsed.issues[index]?.message).toContain(words)
    })
  }

  test('is nested without end, or in a circle: it is refused before anything recurses into it', () => {
    let deep: unknown = {}
    for (let level = 0; level < 50_000; level++) deep = { all: [deep] }
    const circle: unknown[] = []
    circle.push({ all: circle })
    for (const condition of [deep, { all: circle }])
      expect(parseTrack(withCondition(condition))).toEqual({
        ok: false,
        issues: [{ pointer: '', message: 'The document is nested deeper than 64 levels' }],
      })
  })

  test('has several things wrong with it: each is told', () => {
    const parsed = parseTrack(document({ key: 'A', version: 'x', steps: [{ key: 'B', complete: {} }] }))
    expect(parsed.ok ? [] : parsed.issues.map(({ pointer }) => pointer)).toEqual([
      '/key',
      '/version',
      '/steps/0/key',
      '/steps/0/complete',
    ])
  })
})
