import { describe, expect, test } from 'vitest'
import { track } from '../../test-support/entries.ts'
import { lint, places } from '../../test-support/linting.ts'

const DEAL = { event: 'deal.created' }
const other = (key: string, rest: Record<string, unknown> = {}) => track(DEAL, { key, ...rest })
const after = (after: object, ...tracks: ReturnType<typeof other>[]) => lint(DEAL, { after }, { tracks })

describe('tracks that come first', () => {
  test('are known, and of the same subject', () => {
    expect(after({ all: ['a', 'b'] }, other('a'), other('b', { subject: 'learner' }))).toEqual([])
    const [unknown, account] = after({ any: ['welcmoe', 'team'] }, other('welcome'), other('team', { subject: 'account' }))
    expect(unknown).toMatchObject({ code: 'TRACK_UNKNOWN', severity: 'error', pointer: '/after/any/0' })
    expect(unknown?.message).toBe('There is no track welcmoe. Did you mean welcome?')
    expect(account).toMatchObject({ code: 'TRACK_SUBJECT', severity: 'error', pointer: '/after/any/1' })
    expect(account?.message).toContain('team is a track of the account, and this is one of the learner')
  })

  test('are not asked for where nobody says what there is', () => {
    expect(lint(DEAL, { after: { all: ['a'] } })).toEqual([])
  })

  test('wait for nothing that waits for them', () => {
    const findings = after({ all: ['b'] }, other('a', { after: { any: ['track'] } }), other('b', { after: { all: ['a'] } }))
    expect(places(findings)).toEqual(['TRACK_CYCLE /after'])
    expect(findings[0]?.message).toContain('a → track → b → a')
    expect(after({ all: ['track'] })[0]?.message).toContain('track → track')
  })

  test('may be in a circle of their own, or in one that leads out', () => {
    expect(after({ all: ['b'] }, other('a', { after: { all: ['b'] } }), other('b', { after: { all: ['a'] } }))).toEqual([])
    expect(after({ any: ['b', 'c'] }, other('b', { after: { all: ['track'] } }), other('c'))).toEqual([])
  })

  test('are taken in their newest version', () => {
    const old = other('b', { version: '1.9.0', after: { all: ['track'] } })
    expect(after({ all: ['b'] }, other('b', { version: '1.10.0' }), old)).toEqual([])
    expect(places(after({ all: ['b'] }, { ...old, version: '2.0.0' }, other('b', { version: '1.10.0' })))).toEqual([
      'TRACK_CYCLE /after',
    ])
  })
})
