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

/** The track of the design. */
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
      due: { after: 'P14D' },
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
          { trait: '/plan', is: { in: ['pro', 'team'] } },
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
  ['a run per key', document({ reentry: { mode: 'perKey', key: '/deal/id' } })],
  ['a lateness of nothing', document({ lateness: 'PT0S' })],
  [
    'everything a track can say',
    document({
      subject: 'account',
      audience: { '/plan': { in: ['pro'] }, '/seats': 5 },
      enrol: { mode: 'onSegment' },
      reentry: { mode: 'afterDuration', wait: 'P30D' },
      after: { any: ['welcome', 'trial'] },
      timezone: 'Asia/Kathmandu',
      rewards: 'perRun',
      holdout: 50,
      streak: { on: LEAF, period: 'day', grace: 'PT23H59M', freezes: { initial: 2, earnEvery: 7, cap: 2 }, xp: 5 },
    }),
  ],
  [
    'everything a step can say',
    withStep({
      required: false,
      skippable: true,
      after: { all: ['two'], branch: 'two.big' },
      opens: { onDay: 366 },
      due: { after: 'P400DT1H' },
      action: { title: { en: 'Create' }, href: '/deals/new?from=waymark' },
      help: { href: 'https://example.com/help#deals' },
    }),
  ],
  ['a step of a branch alone', withStep({ after: { branch: 'two.big' } })],
  ['one of several prerequisites in a branch', withStep({ after: { any: ['two', 'three'], branch: 'two.big' } })],
  ['a step that opens after a while', withStep({ opens: { after: 'PT24H' } })],
  [
    'branches, the last of which is the default',
    withStep({ branches: [{ key: 'big', when: { sequence: [LEAF] } }, { key: 'small' }], default: 'small' }),
  ],
  ['one branch, and a default beside it', withStep({ branches: [{ key: 'big', when: LEAF }], default: 'small' })],
  [
    'two branches without a default',
    withStep({
      branches: [
        { key: 'a', when: LEAF },
        { key: 'b', when: { any: [LEAF] } },
      ],
    }),
  ],
  [
    'a sum in a window',
    withCondition({ ...LEAF, sum: { of: '/amount', atLeast: 9_000_000_000 }, window: { since: 'unlock', within: 'P7D' } }),
  ],
  ['the smallest sum', withCondition({ ...LEAF, sum: { of: '/amount', atLeast: 0.000_001 } })],
  ['a sliding window', withCondition({ ...LEAF, atLeast: 3, window: { sliding: 'PT24H' } })],
  ['a window that slides by days', withCondition({ ...LEAF, atLeast: 3, window: { sliding: 'P7D' } })],
  [
    'a window of what happened before',
    withCondition({ ...LEAF, lookback: 'ever', window: { since: 'enrolment', within: 'PT1H' } }),
  ],
  ['events that group by a value', withCondition({ correlate: '/dealId', all: [LEAF, { sequence: [LEAF] }] })],
  [
    'groups beside groups',
    withCondition({
      any: [
        { ...LEAF, correlate: '/a' },
        { any: [LEAF], correlate: '/b' },
        { sequence: [LEAF], correlate: '/c' },
      ],
    }),
  ],
  ['a trait', withCondition({ trait: '/plan', is: 'pro' })],
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
  ['an unknown field', document({ audiance: {} }), ['/audiance', 'Unknown field "audiance"']],
  ['two unknown fields', document({ strike: 1, paused: true }), ['/strike', 'Unknown field'], ['/paused', 'Unknown field']],
  ['a track of a team', document({ subject: 'team' }), ['/subject', '"learner"|"account"']],
  ['an audience of nobody', document({ audience: {} }), ['/audience', 'Expected 1 to 50 traits']],
  [
    'an audience of 51 traits',
    document({ audience: Object.fromEntries(many(51, (index) => [`/${index}`, 1])) }),
    ['/audience', 'Expected 1 to 50 traits'],
  ],
  ['an audience by a name', document({ audience: { plan: 'pro' } }), ['/audience/plan', 'a JSON Pointer']],
  [
    'a way back that is unknown',
    document({ reentry: { mode: 'always' } }),
    ['/reentry/mode', "'never' | 'afterExit' | 'afterDuration' | 'perKey'"],
  ],
  ['a way back after no time', document({ reentry: { mode: 'afterDuration' } }), ['/reentry/wait', 'expected string']],
  ['no tracks before it', document({ after: { all: [] } }), ['/after/all', '>=1 items']],
  ['tracks before it, of no kind', document({ after: { one: ['a'] } }), ['/after', 'Expected one of the fields all, any']],
  ['unknown rewards', document({ rewards: 'never' }), ['/rewards', '"once"|"perRun"']],
  ['a holdout of everybody', document({ holdout: 51 }), ['/holdout', '<=50']],
  ['a holdout of half a per cent', document({ holdout: 0.5 }), ['/holdout', 'expected int']],
  ['a streak of weeks', document({ streak: { on: LEAF, period: 'week' } }), ['/streak/period', '"day"']],
  [
    'a streak of counts',
    document({ streak: { on: { ...LEAF, atLeast: 2 }, period: 'day' } }),
    ['/streak/on/atLeast', 'Unknown field'],
  ],
  [
    'a streak with a grace of days',
    document({ streak: { on: LEAF, period: 'day', grace: 'P1D' } }),
    ['/streak/grace', 'such as PT24H'],
  ],
  [
    'freezes without end',
    document({ streak: { on: LEAF, period: 'day', freezes: { initial: 101, earnEvery: 0, cap: 101 } } }),
    ['/streak/freezes/initial', '<=100'],
    ['/streak/freezes/earnEvery', '>=1'],
    ['/streak/freezes/cap', '<=100'],
  ],
  ['an empty text', document({ title: '' }), ['/title', '>=1 characters']],
  ['a text that is too long', document({ title: 'x'.repeat(2_001) }), ['/title', '<=2000 characters']],
  ['a number as text', document({ title: 5 }), ['/title', 'expected string, received number']],
  ['a locale that is none', document({ title: { english: 'Hi' } }), ['/title/english', 'a locale such as en or pt-BR']],
  ['an empty text of a locale', document({ title: { en: '' } }), ['/title/en', '>=1 characters']],
  ['no steps', document({ steps: [] }), ['/steps', '>=1 items']],
  ['201 steps', document({ steps: many(201, (index) => ({ key: `s${index}`, complete: LEAF })) }), ['/steps', '<=200 items']],
  ['a run per key without the key', document({ reentry: { mode: 'perKey' } }), ['/reentry/key', 'expected string']],
  ['a key that is no pointer', document({ reentry: { mode: 'perKey', key: 'dealId' } }), ['/reentry/key', 'JSON Pointer']],
  ['a lateness of millennia', document({ lateness: 'P999999D' }), ['/lateness', 'an ISO 8601 duration']],
  ['a lateness in words', document({ lateness: '7 days' }), ['/lateness', 'an ISO 8601 duration such as PT168H']],
  ['a lateness in months', document({ lateness: 'P1M' }), ['/lateness', 'an ISO 8601 duration']],
  ['a lateness without a number', document({ lateness: 'P1DT' }), ['/lateness', 'an ISO 8601 duration']],
  [
    'an unknown mode',
    document({ enrol: { mode: 'always' } }),
    ['/enrol/mode', "'onFirstMatch' | 'explicit' | 'onSegment' | 'onEvent'"],
  ],
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
  ['prerequisites of no kind', withStep({ after: {} }), ['/steps/0/after', 'Expected one of the fields all, any, branch']],
  ['a branch without its step', withStep({ after: { branch: 'big' } }), ['/steps/0/after/branch', 'e.g. choose-plan.team']],
  ['an unknown field of a step', withStep({ skipable: true }), ['/steps/0/skipable', 'Unknown field']],
  ['a text as yes', withStep({ required: 'yes' }), ['/steps/0/required', 'expected boolean']],
  ['an opening of no kind', withStep({ opens: { on: 3 } }), ['/steps/0/opens', 'Expected one of the fields after, onDay']],
  ['an opening on day 0', withStep({ opens: { onDay: 0 } }), ['/steps/0/opens/onDay', '>=1']],
  ['an opening on day 367', withStep({ opens: { onDay: 367 } }), ['/steps/0/opens/onDay', '<=366']],
  ['two openings', withStep({ opens: { after: 'P1D', onDay: 2 } }), ['/steps/0/opens/onDay', 'Unknown field']],
  [
    'a due day',
    withStep({ due: { onDay: 3 } }),
    ['/steps/0/due/after', 'expected string'],
    ['/steps/0/due/onDay', 'Unknown field'],
  ],
  ['no branches', withStep({ branches: [] }), ['/steps/0/branches', '>=1 items']],
  [
    '21 branches',
    withStep({ branches: many(21, (index) => ({ key: `b${index}`, when: LEAF })) }),
    ['/steps/0/branches', '<=20 items'],
  ],
  [
    'a branch by nothing known',
    withStep({ branches: [{ key: 'a', when: { evnt: 'x' } }], default: 'b' }),
    ['/steps/0/branches/0/when', 'Expected one of the fields event, all'],
  ],
  ['a script as help', withStep({ help: { href: 'javascript:alert(1)' } }), ['/steps/0/help/href', 'a path such as /deals']],
  ['another host as path', withStep({ action: { href: '//example.com' } }), ['/steps/0/action/href', 'a URL such as']],
  [
    'another host as path, by a backslash',
    withStep({ action: { href: '/\\example.com' } }),
    ['/steps/0/action/href', 'a URL such as'],
  ],
  ['a text as condition', withCondition('deal.created'), ['/steps/0/complete', 'expected object, received string']],
  [
    'a condition of nothing known',
    withCondition({ evnt: 'a' }),
    ['/steps/0/complete', 'Expected one of the fields event, all, any, sequence, trait'],
  ],
  [
    'a part of nothing known',
    withCondition({ all: [LEAF, { trate: '/plan' }] }),
    ['/steps/0/complete/all/1', 'Expected one of the fields'],
  ],
  ['a trait without a value', withCondition({ any: [{ trait: '/plan' }] }), ['/steps/0/complete/any/0/is', 'Invalid input']],
  [
    'a trait by nothing known',
    withCondition({ trait: '/plan', is: { equals: 1 } }),
    ['/steps/0/complete/is/equals', 'Unknown field'],
  ],
  [
    'a trait of a group',
    withCondition({ trait: '/plan', is: 1, correlate: '/a' }),
    ['/steps/0/complete/correlate', 'Unknown field'],
  ],
  ['a group by a name', withCondition({ all: [LEAF], correlate: 'dealId' }), ['/steps/0/complete/correlate', 'a JSON Pointer']],
  ['a sum of nothing', withCondition({ ...LEAF, sum: { atLeast: 5 } }), ['/steps/0/complete/sum/of', 'expected string']],
  ['a sum of zero', withCondition({ ...LEAF, sum: { of: '/a', atLeast: 0 } }), ['/steps/0/complete/sum/atLeast', '>=0.000001']],
  [
    'a sum too large to be exact',
    withCondition({ ...LEAF, sum: { of: '/a', atLeast: 9_000_000_001 } }),
    ['/steps/0/complete/sum/atLeast', '<=9000000000'],
  ],
  [
    'a window of no kind',
    withCondition({ ...LEAF, window: { last: 'P1D' } }),
    ['/steps/0/complete/window', 'Expected one of the fields since, sliding'],
  ],
  [
    'a window since nothing',
    withCondition({ ...LEAF, window: { within: 'P1D' } }),
    ['/steps/0/complete/window/since', '"enrolment"|"unlock"'],
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

/** Documents that a schema accepts, and that contradict themselves. */
export const CONTRADICTORY: typeof BAD = [
  [
    'a condition nested deeper than eight levels',
    withCondition(nested(9)),
    ['/steps/0/complete', 'The condition is nested deeper than 8 levels'],
  ],
  [
    'a branch nested deeper than eight levels',
    withStep({ branches: [{ key: 'a', when: nested(9) }], default: 'b' }),
    ['/steps/0/branches/0/when', 'nested deeper than 8 levels'],
  ],
  [
    'a run per key that nothing can bring',
    document({ enrol: { mode: 'explicit' }, reentry: { mode: 'perKey', key: '/dealId' } }),
    ['/reentry/mode', 'With explicit no event starts a run'],
  ],
  ['an unknown time zone', document({ timezone: 'Europe/Roma' }), ['/timezone', 'an IANA name such as Europe/Rome']],
  ['an offset as time zone', document({ timezone: '+05:30' }), ['/timezone', 'Unknown time zone "+05:30"']],
  [
    'a day of grace',
    document({ streak: { on: LEAF, period: 'day', grace: 'PT24H' } }),
    ['/streak/grace', 'PT24H is a day or longer'],
  ],
  [
    'more freezes than it holds',
    document({ streak: { on: LEAF, period: 'day', freezes: { initial: 3, cap: 2 } } }),
    ['/streak/freezes/initial', 'starts with 3 freezes, and holds at most 2'],
  ],
  [
    'groups inside groups',
    withCondition({ correlate: '/a', all: [LEAF, { any: [{ ...LEAF, correlate: '/b' }] }] }),
    ['/steps/0/complete/all/1/any/0/correlate', 'inside /steps/0/complete/correlate'],
  ],
  [
    'an exclusive leaf in a group',
    withCondition({ correlate: '/a', all: [{ ...LEAF, consume: 'exclusive' }] }),
    ['/steps/0/complete/all/0/consume', 'that /steps/0/complete/correlate gives to one group'],
  ],
  [
    'an exclusive leaf that groups',
    withCondition({ ...LEAF, correlate: '/a', consume: 'exclusive' }),
    ['/steps/0/complete/consume', 'Remove consume'],
  ],
  [
    'a sum and a count',
    withCondition({ ...LEAF, sum: { of: '/a', atLeast: 1 }, atLeast: 2 }),
    ['/steps/0/complete/atLeast', 'does not count events too'],
  ],
  [
    'a sum of new values',
    withCondition({ ...LEAF, sum: { of: '/a', atLeast: 1 }, distinctBy: '/b' }),
    ['/steps/0/complete/distinctBy', 'adds up every event'],
  ],
  [
    'a sum that slides',
    withCondition({ ...LEAF, sum: { of: '/a', atLeast: 1 }, window: { sliding: 'PT1H' } }),
    ['/steps/0/complete/window', 'with sum has no sliding window'],
  ],
  [
    'new values that slide',
    withStep({ branches: [{ key: 'a', when: { ...LEAF, distinctBy: '/b', window: { sliding: 'PT1H' } } }], default: 'b' }),
    ['/steps/0/branches/0/when/window', 'with distinctBy has no sliding window'],
  ],
  [
    'a window since the unlocking of what happened before',
    withCondition({ ...LEAF, lookback: 'ever', window: { since: 'unlock', within: 'P1D' } }),
    ['/steps/0/complete/lookback', 'takes nothing from before it'],
  ],
  ['a default of no branches', withStep({ default: 'a' }), ['/steps/0/default', 'There are no branches']],
  ['one way', withStep({ branches: [{ key: 'a', when: LEAF }], default: 'a' }), ['/steps/0/branches', 'one way only']],
  [
    'a branch twice',
    withStep({
      branches: [
        { key: 'a', when: LEAF },
        { key: 'a', when: LEAF },
      ],
      default: 'b',
    }),
    ['/steps/0/branches/1/key', 'The branch a is there twice'],
  ],
  [
    'a branch that nothing leads to',
    withStep({ branches: [{ key: 'a' }, { key: 'b', when: LEAF }] }),
    ['/steps/0/branches/0', 'has no when, so nothing leads to it'],
  ],
]
