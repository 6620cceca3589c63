const LEAF = { event: 'deal.created' }

/** The smallest track, with other steps or other fields. */
export function document(rest: object = {}): object {
  return { format: 'waymark.track/1', key: 'first-win', version: '1.0.0', steps: [{ key: 'one', complete: LEAF }], ...rest }
}

/** A track of one step. */
export function withStep(step: object): object {
  return document({ steps: [{ key: 'one', complete: LEAF, ...step }] })
}

/** A track of one condition. */
export function withCondition(complete: unknown): object {
  return withStep({ complete })
}

/** A condition nested so many levels deep. */
export function nested(levels: number): unknown {
  return levels === 1 ? LEAF : { all: [nested(levels - 1)] }
}

const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index))

/** The track of the design, of the fields that exist today. */
export const FIRST_WIN = {
  format: 'waymark.track/1',
  key: 'first-win',
  version: '1.0.0',
  subject: 'learner',
  enrol: { mode: 'onFirstMatch' },
  lateness: 'PT168H',
  completion: { xp: 50, badge: 'first-win' },
  steps: [
    {
      key: 'create-pipeline',
      title: { en: 'Create a pipeline' },
      reward: { xp: 20 },
      complete: { event: 'pipeline.created', version: '1' },
    },
    {
      key: 'create-deals',
      title: { en: 'Create three deals' },
      after: { all: ['create-pipeline'] },
      reward: { xp: 30 },
      complete: {
        all: [
          {
            event: 'deal.created',
            where: { '/amount': { gte: 1000 } },
            distinctBy: '/pipelineId',
            atLeast: 3,
            lookback: 'sinceEnrolment',
          },
        ],
      },
    },
  ],
}

/** Documents that are tracks. */
export const GOOD: readonly (readonly [string, object])[] = [
  ['the example of the design', FIRST_WIN],
  ['the smallest track', document()],
  ['a $schema for editors', document({ $schema: './track.schema.json' })],
  ['a key of 64 characters', document({ key: 'a'.repeat(64) })],
  ['the longest text', document({ title: 'x'.repeat(2_000) })],
  ['texts per locale', document({ description: { en: 'Hi', 'pt-BR': 'Oi', 'zh-Hant-TW': '嗨' } })],
  ['200 steps', document({ steps: many(200, (index) => ({ key: `s${index}`, complete: LEAF })) })],
  ['the most experience points', withStep({ reward: { xp: 1_000_000 } })],
  ['an empty reward', withStep({ reward: {} })],
  ['one of several prerequisites', withStep({ after: { any: ['two', 'three'] } })],
  ['the most events counted', withCondition({ ...LEAF, atLeast: 1_000 })],
  ['50 parts', withCondition({ any: many(50, () => LEAF) })],
  ['a sequence', withCondition({ sequence: [LEAF, { all: [LEAF, { any: [LEAF] }] }] })],
  ['the deepest condition', withCondition(nested(8))],
  ['a full version', withCondition({ ...LEAF, version: '1.2.3' })],
  [
    'every operator',
    withCondition({
      ...LEAF,
      where: {
        '/a/0/b~1c': {
          eq: [1],
          ne: {},
          in: [null],
          nin: ['x'],
          gt: 1,
          gte: 'a',
          lt: 2,
          lte: 'b',
          exists: true,
          contains: 1,
          startsWith: '',
        },
      },
    }),
  ],
  ['bare values', withCondition({ ...LEAF, where: { '/a': 'x', '/b': 1.5, '/c': false, '/d': null } })],
  [
    'everything a leaf can say',
    withCondition({ ...LEAF, source: 'crm', trust: 'client', lookback: 'ever', consume: 'exclusive' }),
  ],
  ['an explicit start', document({ enrol: { mode: 'explicit' } })],
  [
    'an event that starts',
    document({
      enrol: { mode: 'onEvent', event: 'signed.up', version: '2', source: 'web', trust: 'client', where: { '/plan': 'pro' } },
    }),
  ],
  ['a lateness of nothing', document({ lateness: 'PT0S' })],
]

/** Documents that are none, and the pointers and words of what is wrong. */
export const BAD: readonly (readonly [string, unknown, ...(readonly [string, string])[]])[] = [
  ['null', null, ['', 'expected object, received null']],
  ['a list', [], ['', 'expected object, received array']],
  ['a text', 'track', ['', 'expected object, received string']],
  ['another format', document({ format: 'waymark.track/2' }), ['/format', 'waymark.track/1']],
  ['a missing key', document({ key: undefined }), ['/key', 'expected string']],
  ['a key with capitals', document({ key: 'First' }), ['/key', 'lower-case letters, digits and dashes']],
  ['a key of 65 characters', document({ key: 'a'.repeat(65) }), ['/key', 'lower-case']],
  ['a key that starts with a dash', document({ key: '-a' }), ['/key', 'lower-case']],
  ['a version of two numbers', document({ version: '1.0' }), ['/version', 'a version such as 1.0.0']],
  ['a number as version', document({ version: 1 }), ['/version', 'expected string, received number']],
  ['an unknown field', document({ audience: {} }), ['/audience', 'Unknown field "audience"']],
  ['two unknown fields', document({ streak: 1, paused: true }), ['/streak', 'Unknown field'], ['/paused', 'Unknown field']],
  ['an account track', document({ subject: 'account' }), ['/subject', 'learner']],
  ['an empty text', document({ title: '' }), ['/title', '>=1 characters']],
  ['a text that is too long', document({ title: 'x'.repeat(2_001) }), ['/title', '<=2000 characters']],
  ['a number as text', document({ title: 5 }), ['/title', 'expected string, received number']],
  ['a locale that is none', document({ title: { english: 'Hi' } }), ['/title/english', 'a locale such as en or pt-BR']],
  ['an empty text of a locale', document({ title: { en: '' } }), ['/title/en', '>=1 characters']],
  ['no steps', document({ steps: [] }), ['/steps', '>=1 items']],
  ['201 steps', document({ steps: many(201, (index) => ({ key: `s${index}`, complete: LEAF })) }), ['/steps', '<=200 items']],
  ['a lateness in words', document({ lateness: '7 days' }), ['/lateness', 'an ISO 8601 duration such as PT168H']],
  ['a lateness in months', document({ lateness: 'P1M' }), ['/lateness', 'an ISO 8601 duration']],
  ['a lateness without a number', document({ lateness: 'P1DT' }), ['/lateness', 'an ISO 8601 duration']],
  ['a lateness that is too long to read', document({ lateness: `P${'9'.repeat(40)}D` }), ['/lateness', '<=32 characters']],
  ['an unknown mode', document({ enrol: { mode: 'onSegment' } }), ['/enrol/mode', "'onFirstMatch' | 'explicit' | 'onEvent'"]],
  ['no mode', document({ enrol: {} }), ['/enrol/mode', "'onEvent'"]],
  ['a start without event', document({ enrol: { mode: 'onEvent' } }), ['/enrol/event', 'expected string']],
  ['a count at the start', document({ enrol: { mode: 'onEvent', event: 'a', atLeast: 2 } }), ['/enrol/atLeast', 'Unknown field']],
  ['an event for an explicit start', document({ enrol: { mode: 'explicit', event: 'a' } }), ['/enrol/event', 'Unknown field']],
  ['negative experience points', withStep({ reward: { xp: -1 } }), ['/steps/0/reward/xp', '>=0']],
  ['half a point', withStep({ reward: { xp: 0.5 } }), ['/steps/0/reward/xp', 'expected int']],
  ['too many points', document({ completion: { xp: 1_000_001 } }), ['/completion/xp', '<=1000000']],
  ['a badge with spaces', withStep({ reward: { badge: 'First win' } }), ['/steps/0/reward/badge', 'lower-case']],
  ['a step without condition', withStep({ complete: undefined }), ['/steps/0/complete', 'expected object, received undefined']],
  ['a list as prerequisites', withStep({ after: ['two'] }), ['/steps/0/after', 'expected object, received array']],
  ['no prerequisites', withStep({ after: { all: [] } }), ['/steps/0/after/all', '>=1 items']],
  ['both kinds of prerequisites', withStep({ after: { all: ['a'], any: ['b'] } }), ['/steps/0/after/any', 'Unknown field']],
  ['an unknown field of a step', withStep({ skippable: true }), ['/steps/0/skippable', 'Unknown field']],
  ['a text as condition', withCondition('deal.created'), ['/steps/0/complete', 'expected object, received string']],
  [
    'a condition of nothing known',
    withCondition({ evnt: 'a' }),
    ['/steps/0/complete', 'Expected one of the fields event, all, any, sequence'],
  ],
  [
    'a part of nothing known',
    withCondition({ all: [LEAF, { trait: '/plan' }] }),
    ['/steps/0/complete/all/1', 'Expected one of the fields'],
  ],
  ['no parts', withCondition({ sequence: [] }), ['/steps/0/complete/sequence', '>=1 items']],
  ['51 parts', withCondition({ all: many(51, () => LEAF) }), ['/steps/0/complete/all', '<=50 items']],
  ['two kinds of groups', withCondition({ all: [LEAF], any: [LEAF] }), ['/steps/0/complete/any', 'Unknown field']],
  [
    'a wrong leaf deep inside',
    withCondition({ any: [LEAF, { all: [{ ...LEAF, atLeast: 0 }] }] }),
    ['/steps/0/complete/any/1/all/0/atLeast', '>=1'],
  ],
  ['a misspelt field of a leaf', withCondition({ ...LEAF, atLest: 3 }), ['/steps/0/complete/atLest', 'Unknown field "atLest"']],
  ['an empty event', withCondition({ event: '' }), ['/steps/0/complete/event', '>=1 characters']],
  ['a count above 1,000', withCondition({ ...LEAF, atLeast: 1_001 }), ['/steps/0/complete/atLeast', '<=1000']],
  ['a version of two numbers', withCondition({ ...LEAF, version: '1.0' }), ['/steps/0/complete/version', 'a major such as 1']],
  ['an empty source', withCondition({ ...LEAF, source: '' }), ['/steps/0/complete/source', '>=1 characters']],
  [
    'a field that is no pointer',
    withCondition({ ...LEAF, where: { amount: 1 } }),
    ['/steps/0/complete/where/amount', 'a JSON Pointer such as /amount'],
  ],
  [
    'a pointer with a wrong escape',
    withCondition({ ...LEAF, distinctBy: '/a~2' }),
    ['/steps/0/complete/distinctBy', 'a JSON Pointer'],
  ],
  [
    'an unknown operator',
    withCondition({ ...LEAF, where: { '/a': { gtee: 1 } } }),
    ['/steps/0/complete/where/~1a/gtee', 'Unknown field "gtee"'],
  ],
  [
    'no operator',
    withCondition({ ...LEAF, where: { '/a': {} } }),
    ['/steps/0/complete/where/~1a', 'one of the operators eq, ne, in'],
  ],
  [
    'an operand of the wrong type',
    withCondition({ ...LEAF, where: { '/a': { gt: true } } }),
    ['/steps/0/complete/where/~1a/gt', 'received boolean'],
  ],
  ['a list instead of in', withCondition({ ...LEAF, where: { '/a': [1] } }), ['/steps/0/complete/where/~1a', 'received array']],
  [
    'an empty list of values',
    withCondition({ ...LEAF, where: { '/a': { in: [] } } }),
    ['/steps/0/complete/where/~1a/in', '>=1 items'],
  ],
  ['an unknown trust', withCondition({ ...LEAF, trust: 'all' }), ['/steps/0/complete/trust', '"server"|"client"']],
  ['an unknown lookback', withCondition({ ...LEAF, lookback: 'always' }), ['/steps/0/complete/lookback', 'sinceEnrolment']],
]
