import { describe, expect, test } from 'vitest'
import { FIRST_WIN } from '../../test-support/track-documents.ts'
import { parseTrack } from './definition.ts'
import { formatIssue, loadTrack } from './loader.ts'

/** `line:column pointer` of every issue, and its message. */
function issues(text: string): [string, string][] {
  const loaded = loadTrack(text, 'tracks/win.yaml')
  if (loaded.ok) return []
  expect(loaded.issues.every(({ file }) => file === 'tracks/win.yaml')).toBe(true)
  return loaded.issues.map(({ line, column, pointer, message }) => [`${line}:${column} ${pointer}`, message])
}

const HEAD = 'format: waymark.track/1\nkey: win\nversion: 1.0.0\n'

describe('JSON and YAML', () => {
  test('give the same track as its data', () => {
    const yaml = `${HEAD}title: { en: Win }\nsteps:\n  - key: one\n    complete:\n      event: deal.created\n      where: { /amount: { gte: 1000 }, /plan: pro }\n`
    const json = JSON.stringify({
      format: 'waymark.track/1',
      key: 'win',
      version: '1.0.0',
      title: { en: 'Win' },
      steps: [{ key: 'one', complete: { event: 'deal.created', where: { '/amount': { gte: 1000 }, '/plan': 'pro' } } }],
    })
    expect(loadTrack(yaml, 'a.yaml')).toEqual(loadTrack(json, 'a.json'))
    expect(loadTrack(JSON.stringify(FIRST_WIN, null, 2), 'a.json')).toEqual(parseTrack(FIRST_WIN))
  })

  test('anchors can be used', () => {
    const yaml = `${HEAD}steps:\n  - key: one\n    complete: &deal { event: deal.created }\n  - key: two\n    complete: *deal\n`
    expect(loadTrack(yaml, 'a.yaml')).toMatchObject({ ok: true, track: { steps: [{}, { complete: { event: 'deal.created' } }] } })
  })

  test('a version is a text, as it is written', () => {
    expect(
      issues(
        '{ "format": "waymark.track/1", "key": "win", "version": 1.0, "steps": [{ "key": "a", "complete": { "event": "e" } }] }',
      ),
    ).toEqual([['1:46 /version', 'Invalid input: expected string, received number']])
  })
})

describe('what is wrong is told with its line, column and path', () => {
  test('a syntax error of JSON', () => {
    expect(issues('{\n  "key": "win",,\n}')[0]).toEqual(['2:16 ', 'Unexpected , in flow map'])
  })

  test('a syntax error of YAML', () => {
    const [first] = issues('key: win\n  version: 1.0.0\n')
    expect(first?.[0]).toMatch(/^\d+:\d+ $/)
    expect(first?.[1]).toMatch(/^Nested mappings are not allowed/)
  })

  test('an unknown field', () => {
    expect(issues(`${HEAD}steps:\n  - key: one\n    complet: { event: a }\n    complete: { event: a }\n`)).toEqual([
      ['6:5 /steps/0/complet', 'Unknown field "complet"'],
    ])
  })

  test('a wrong type', () => {
    expect(issues(`${HEAD}title: 5\nsteps:\n  - { key: one, complete: { event: a } }\n`)).toEqual([
      ['4:1 /title', 'Invalid input: expected string, received number'],
    ])
  })

  test('something deep in a list', () => {
    const json = JSON.stringify(
      {
        format: 'waymark.track/1',
        key: 'win',
        version: '1.0.0',
        steps: [{ key: 'one', complete: { all: [{ event: 'a' }, { event: 'b', where: { '/x/y': { gtt: 1 } } }] } }],
      },
      null,
      2,
    )
    const line = json.split('\n').findIndex((text) => text.includes('gtt'))
    expect(issues(json)).toEqual([
      [
        `${line + 1}:${(json.split('\n')[line] ?? '').indexOf('"gtt"') + 1} /steps/0/complete/all/1/where/~1x~1y/gtt`,
        'Unknown field "gtt"',
      ],
    ])
  })

  test('something that is missing: where it belongs', () => {
    expect(issues(`${HEAD}steps:\n  - complete: { event: a }\n`)).toEqual([
      ['5:5 /steps/0/key', 'Invalid input: expected string, received undefined'],
    ])
  })

  test('a key that comes twice, in JSON and in YAML', () => {
    expect(issues('{\n  "key": "a",\n  "key": "b"\n}')).toEqual([['3:3 ', 'Map keys must be unique']])
    expect(issues('key: a\nkey: b\n')).toEqual([['2:1 ', 'Map keys must be unique']])
  })

  test('no document, and two', () => {
    expect(issues('')).toEqual([['1:1 ', 'Invalid input: expected object, received null']])
    expect(issues('key: a\n---\nkey: b\n')[0]?.[1]).toContain('multiple documents')
  })

  test('a merge key, which is not part of YAML 1.2', () => {
    const yaml = `${HEAD}steps:\n  - &one { key: one, complete: { event: a } }\n  - { <<: *one, key: two, complete: { event: a } }\n`
    expect(issues(yaml)).toEqual([['6:7 /steps/1/<<', 'Unknown field "<<"']])
  })
})

describe('a hostile file is refused, and costs little', () => {
  test('aliases of aliases', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    )
    expect(issues(['l0: &l0 x', ...levels].join('\n'))).toEqual([
      ['1:1 ', 'Excessive alias count indicates a resource exhaustion attack'],
    ])
  })

  test('an alias without an anchor, and one inside its own', () => {
    expect(issues('steps: *nothing')[0]?.[1]).toContain('nothing')
    expect(issues(`${HEAD}steps:\n  - key: one\n    complete: &c { all: [*c] }\n`)).not.toEqual([])
  })

  test('brackets without end', () => {
    expect(issues('['.repeat(20_000)).length).toBeGreaterThan(0)
  })
})

test('an issue is printed as editors and terminals link it', () => {
  const issue = { file: 'a.json', line: 3, column: 7, pointer: '/key', message: 'Too short' }
  expect(formatIssue(issue)).toBe('a.json:3:7  /key: Too short')
  expect(formatIssue({ ...issue, pointer: '' })).toBe('a.json:3:7  Too short')
})
