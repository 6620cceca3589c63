import { describe, expect, test } from 'vitest'
import { lint, places } from '../../test-support/linting.ts'

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

describe('sums and groups', () => {
  test('a sum wants a number', () => {
    const findings = lint({
      all: [
        { ...DEAL, sum: { of: '/dealId', atLeast: 1 } },
        { ...DEAL, sum: { of: '/price', atLeast: 1 } },
      ],
    })
    expect(places(findings)).toEqual([
      'OPERAND_MISMATCH /steps/0/complete/all/0/sum/of',
      'FIELD_UNKNOWN /steps/0/complete/all/1/sum/of',
    ])
    expect(findings[0]?.message).toBe('/dealId is string, so it adds up to nothing. Name a field with a number.')
    expect(lint({ ...DEAL, sum: { of: '/amount', atLeast: 1 } })).toEqual([])
    expect(lint({ event: 'measured', sum: { of: '/value', atLeast: 1 } })).toEqual([])
  })

  test('what groups events is a field of each of them', () => {
    const closed = { event: 'page.read', trust: 'client' }
    const findings = lint({ correlate: '/dealId', all: [DEAL, { any: [DEAL, closed] }] })
    expect(places(findings)).toEqual(['FIELD_UNKNOWN /steps/0/complete/correlate'])
    expect(findings[0]?.message).toContain('page.read@1.0.0 has no field /dealId.')
    expect(lint({ correlate: '/dealId', all: [DEAL, { any: [DEAL, { ...DEAL, correlate: undefined }] }] })).toEqual([])
  })

  test('personal data is a warning there too', () => {
    expect(
      places(
        lint({
          any: [
            { ...DEAL, correlate: '/email' },
            { ...DEAL, sum: { of: '/owner/address/zip~1code', atLeast: 1 } },
          ],
        }),
      ),
    ).toEqual(['FIELD_PERSONAL /steps/0/complete/any/0/correlate', 'FIELD_PERSONAL /steps/0/complete/any/1/sum/of'])
  })
})

test('what a run is for is a field of an event that starts runs', () => {
  const again = (key: string, rest: object = {}) => ({ ...rest, reentry: { mode: 'perKey', key } })
  const steps = [{ complete: DEAL }, { complete: { event: 'page.read', trust: 'client' } }]
  expect(lint(steps, again('/dealId'))).toEqual([])
  expect(places(lint(steps, again('/price')))).toEqual(['FIELD_UNKNOWN /reentry/key'])
  expect(places(lint(steps, again('/email')))).toEqual(['FIELD_PERSONAL /reentry/key'])
  const enrol = { mode: 'onEvent', event: 'page.read', trust: 'client' }
  expect(places(lint(steps, again('/dealId', { enrol })))).toEqual(['FIELD_UNKNOWN /reentry/key'])
})

test('branches and streaks are checked like steps', () => {
  const findings = lint(
    [{ complete: DEAL, branches: [{ key: 'a', when: { all: [{ ...DEAL, where: { '/price': 1 } }] } }], default: 'b' }],
    {
      streak: { on: { ...DEAL, where: { '/email': { exists: true } } }, period: 'day' },
    },
  )
  expect(places(findings)).toEqual([
    'FIELD_PERSONAL /streak/on/where/~1email',
    'FIELD_UNKNOWN /steps/0/branches/0/when/all/0/where/~1price',
  ])
})

test('a streak of an unknown event earns nothing', () => {
  const streak = { on: { event: 'deal.craeted' }, period: 'day' }
  expect(places(lint(DEAL, { streak: { ...streak, xp: 5 } }))).toEqual([
    'EVENT_UNKNOWN /streak/on/event',
    'REWARD_UNREACHABLE /streak/xp',
  ])
  expect(places(lint(DEAL, { streak }))).toEqual(['EVENT_UNKNOWN /streak/on/event'])
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
