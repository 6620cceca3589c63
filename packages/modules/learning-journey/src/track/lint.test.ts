import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { track } from '../../test-support/entries.ts'
import { lintTrack } from './lint.ts'

/** `CODE pointer` of everything but the verdict on the order. */
function lint(steps: Parameters<typeof track>[0], rest: Record<string, unknown> = {}) {
  return lintTrack(track(steps, rest), registry).filter(({ severity }) => severity !== 'info')
}

const places = (findings: ReturnType<typeof lint>) => findings.map(({ code, pointer }) => `${code} ${pointer}`)
const DEAL = { event: 'deal.created' }
const where = (conditions: object) => lint({ ...DEAL, where: conditions })

test('a sound track has no findings', () => {
  const findings = lint(
    [
      { key: 'a', complete: { event: 'pipeline.created', version: '1' } },
      {
        key: 'b',
        after: { all: ['a'] },
        complete: { ...DEAL, version: '1.2.0', where: { '/amount': { gte: 1 } }, distinctBy: '/dealId' },
      },
    ],
    { enrol: { mode: 'onEvent', event: 'page.read', trust: 'client', where: { '/page': 'welcome' } } },
  )
  expect(findings).toEqual([])
})

describe('steps', () => {
  test('a key that comes twice', () => {
    expect(
      places(
        lint([
          { key: 'a', complete: DEAL },
          { key: 'a', complete: DEAL },
        ]),
      ),
    ).toEqual(['STEP_DUPLICATE /steps/1/key'])
  })

  test('an unknown prerequisite, with the name that was meant', () => {
    const [finding] = lint([
      { key: 'create-deal', complete: DEAL },
      { key: 'b', after: { any: ['create-deal', 'craete-deal'] }, complete: DEAL },
    ])
    expect(finding).toMatchObject({ code: 'STEP_UNKNOWN', severity: 'error', pointer: '/steps/1/after/any/1' })
    expect(finding?.message).toBe('There is no step craete-deal. Did you mean create-deal?')
  })

  test('steps that wait for each other, once, at one of them, with the path', () => {
    const findings = lint([
      { key: 'd', after: { all: ['a'] }, complete: DEAL },
      { key: 'a', after: { all: ['b'] }, complete: DEAL },
      { key: 'b', after: { all: ['c'] }, complete: DEAL },
      { key: 'c', after: { all: ['a'] }, complete: DEAL },
    ])
    expect(places(findings)).toEqual(['STEP_CYCLE /steps/1/after'])
    expect(findings[0]?.message).toContain('a → b → c → a')
  })

  test('a step that waits for itself, and two cycles apart', () => {
    const findings = lint([
      { key: 'a', after: { all: ['a'] }, complete: DEAL },
      { key: 'b', after: { all: ['c'] }, complete: DEAL },
      { key: 'c', after: { any: ['b'] }, complete: DEAL },
    ])
    expect(findings.map(({ message }) => message.split(': ')[1]?.split('.')[0])).toEqual(['a → a', 'b → c → b'])
  })

  test('a circle that an any leads out of is none', () => {
    expect(
      lint([
        { key: 'a', after: { any: ['b', 'c'] }, complete: DEAL },
        { key: 'b', after: { all: ['a'] }, complete: DEAL },
        { key: 'c', complete: DEAL },
      ]),
    ).toEqual([])
  })
})

describe('events', () => {
  test('an unknown one, wherever it is named, with the name that was meant', () => {
    const nested = { any: [DEAL, { sequence: [DEAL, { event: 'deal.craeted' }] }] }
    const findings = lint(nested, { enrol: { mode: 'onEvent', event: 'signup' } })
    expect(places(findings)).toEqual(['EVENT_UNKNOWN /enrol/event', 'EVENT_UNKNOWN /steps/0/complete/any/1/sequence/1/event'])
    expect(findings[1]?.message).toBe('No module declares the event deal.craeted. Did you mean deal.created?')
  })

  test('an unknown version', () => {
    expect(places(lint({ ...DEAL, version: '2' }))).toEqual(['VERSION_UNKNOWN /steps/0/complete/version'])
    expect(places(lint({ ...DEAL, version: '1.0.0' }))).toEqual(['VERSION_UNKNOWN /steps/0/complete/version'])
  })

  test('clients that are trusted with what they cannot report', () => {
    const [finding] = lint({ ...DEAL, trust: 'client' })
    expect(finding).toMatchObject({ code: 'TRUST_NOT_REPORTABLE', severity: 'warning', pointer: '/steps/0/complete/trust' })
  })
})

describe('fields', () => {
  test('an unknown one, with the field that was meant', () => {
    const findings = where({ '/ammount': 1, '/owner/name': 'x', '/amount/cents': 1 })
    expect(places(findings)).toEqual([
      'FIELD_UNKNOWN /steps/0/complete/where/~1ammount',
      'FIELD_UNKNOWN /steps/0/complete/where/~1owner~1name',
      'FIELD_UNKNOWN /steps/0/complete/where/~1amount~1cents',
    ])
    expect(findings[0]?.message).toBe('deal.created@1.2.0 has no field /ammount. Did you mean /amount?')
    expect(places(lint({ ...DEAL, distinctBy: '/pipeline' }))).toEqual(['FIELD_UNKNOWN /steps/0/complete/distinctBy'])
    expect(places(lint({ event: 'pipeline.created', distinctBy: '/id' }))).toEqual(['FIELD_UNKNOWN /steps/0/complete/distinctBy'])
  })

  test('nested ones, items of arrays, and whatever an open field may hold are known', () => {
    expect(where({ '/owner/id': 'x', '/tags/0': 'vip', '/custom/any/thing': 1, '/custom': { exists: true } })).toEqual([])
    expect(lint({ event: 'anything.happened', where: { '/x/y': 1 } })).toEqual([])
  })

  test('of a union are those of all its shapes', () => {
    const measured = (where: object) => places(lint({ event: 'measured', where }))
    expect(measured({ '/value': 'x' })).toEqual([])
    expect(measured({ '/value': 1, '/unit': 'm' })).toEqual([])
    expect(measured({ '/value': true })).toEqual(['OPERAND_MISMATCH /steps/0/complete/where/~1value'])
    expect(measured({ '/size': 1 })).toEqual(['FIELD_UNKNOWN /steps/0/complete/where/~1size'])
  })

  test('of a person, and what is above and below it, are a warning', () => {
    const findings = where({
      '/email': { exists: true },
      '/owner/address/city': 'Rome',
      '/owner': { exists: true },
      '/owner/id': 'x',
    })
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true)
    expect(places(findings)).toEqual([
      'FIELD_PERSONAL /steps/0/complete/where/~1email',
      'FIELD_PERSONAL /steps/0/complete/where/~1owner~1address~1city',
      'FIELD_PERSONAL /steps/0/complete/where/~1owner',
    ])
    expect(places(lint({ ...DEAL, distinctBy: '/email' }))).toEqual(['FIELD_PERSONAL /steps/0/complete/distinctBy'])
  })
})

describe('operands', () => {
  test('of another type than the field', () => {
    const findings = where({
      '/amount': { gte: '1000', lt: 5_000 },
      '/dealId': 7,
      '/plan': { in: ['pro', null] },
      '/closedAt': { gt: 1 },
    })
    expect(places(findings)).toEqual([
      'OPERAND_MISMATCH /steps/0/complete/where/~1amount/gte',
      'OPERAND_MISMATCH /steps/0/complete/where/~1dealId',
      'OPERAND_MISMATCH /steps/0/complete/where/~1plan/in',
      'OPERAND_MISMATCH /steps/0/complete/where/~1closedAt/gt',
    ])
    expect(findings[0]?.message).toBe('/amount is number, so gte "1000" can never be what you mean.')
  })

  test('that fit: null where it is allowed, whole numbers, items, anything where the schema does not say', () => {
    expect(
      where({ '/closedAt': null, '/owner/id': { ne: 'x' }, '/tags': { contains: 'vip' }, '/custom/x': { eq: [1] } }),
    ).toEqual([])
    expect(where({ '/amount': { exists: true, in: [1, 2.5] }, '/dealId': { startsWith: 'd-' } })).toEqual([])
  })
})

describe('the order of arrival', () => {
  const verdict = (steps: Parameters<typeof track>[0], rest = {}) =>
    lintTrack(track(steps, rest), registry).find(({ severity }) => severity === 'info')
  const exclusive = { ...DEAL, consume: 'exclusive' }

  test.each([
    ['counts and filters', { ...DEAL, atLeast: 3, where: { '/amount': 1 } }],
    ['a sequence', { sequence: [DEAL, DEAL] }],
    ['one exclusive leaf beside a sequence', { sequence: [exclusive, DEAL] }],
    ['two exclusive leaves that only count', { all: [exclusive, exclusive] }],
  ])('does not matter to %s', (_, condition) => {
    expect(verdict(condition)).toMatchObject({ code: 'ORDER_FREE', pointer: '' })
  })

  test.each([
    ['a sequence', { any: [DEAL, { sequence: [DEAL, DEAL] }] }, {}, '/steps/2/complete'],
    ['afterUnlock', { ...DEAL, lookback: 'afterUnlock' }, {}, '/steps/2/complete'],
    [
      'ever, where the run does not start by the first match',
      { all: [{ ...DEAL, lookback: 'ever' }] },
      { enrol: { mode: 'explicit' } },
      '/steps/2/complete/all/0',
    ],
  ])('can matter to two exclusive leaves beside %s', (_, condition, rest, pointer) => {
    const finding = verdict([{ complete: exclusive }, { complete: { all: [exclusive] } }, { complete: condition }], rest)
    expect(finding).toMatchObject({ code: 'MAY_STAND', severity: 'info', pointer: '/steps/0/complete' })
    expect(finding?.message).toContain(
      `(/steps/0/complete, /steps/1/complete/all/0) beside conditions that look at the order (${pointer})`,
    )
  })

  test('does not matter to ever in a run that starts by the first match', () => {
    expect(verdict({ all: [exclusive, exclusive, { ...DEAL, lookback: 'ever' }] })).toMatchObject({ code: 'ORDER_FREE' })
  })
})

describe('retention', () => {
  const VISIT = { event: 'visit.made' }

  test('that is shorter than the lateness of the track, for each condition and the start', () => {
    const findings = lint([{ complete: { any: [VISIT, DEAL] } }], { lateness: 'P31D', enrol: { mode: 'onEvent', ...VISIT } })
    expect(places(findings)).toEqual(['RETENTION_SHORT /enrol/event', 'RETENTION_SHORT /steps/0/complete/any/0/event'])
    expect(findings[0]).toMatchObject({ severity: 'error', message: expect.stringContaining('visit.made is kept for P30D') })
  })

  test('that is as long as the lateness is long enough', () => {
    expect(lint([{ complete: VISIT }], { lateness: 'P30D' })).toEqual([])
    expect(lint([{ complete: VISIT }])).toEqual([])
  })
})
