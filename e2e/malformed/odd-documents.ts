import { below, type Random } from '../faults/random.ts'
import { ODD_TEXTS, oneOf } from './damage.ts'

/** GraphQL that is no document, or one that asks for too much. */
export function oddDocument(random: Random): string {
  const many = 10 ** (1 + below(random, 4))
  const times = (of: (index: number) => string, count = many) => Array.from({ length: count }, (_, index) => of(index)).join(' ')
  const makers: readonly (() => string)[] = [
    () => times(() => oneOf(random, TOKENS), 1 + below(random, 60)),
    () => `{ ${times((index) => `a${index}: __typename`)} }`,
    () => `{ ${times((index) => `a${index}: shopCatalogSearch(input: { text: "a" }) { input }`, 1 + below(random, 60))} }`,
    () => `{ ${times(() => '__typename')} }`,
    () => `{ shopTreeList { items { name ${'children { name '.repeat(Math.min(many, 3_000))}`,
    () => `{ shopTreeList { items { name ${'children { name '.repeat(below(random, 40))}`.padEnd(below(random, 40) * 2, '}'),
    () => nested(below(random, 30)),
    () =>
      `{ ...a } ${times((index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`, Math.min(many, 500))} fragment a on Query { ...f0 }`,
    () => '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
    () => '{ ...a } fragment a on Query { __typename ...a }',
    () =>
      `query { __schema { types { fields { type { ${'ofType { '.repeat(below(random, 20))} name ${'} '.repeat(below(random, 20) + 5)}`,
    () =>
      `{ __schema { ${times((index) => `t${index}: types { name fields { name type { name fields { name } } } }`, Math.min(many, 30))} } }`,
    () => `query(${times((index) => `$v${index}: Int`, Math.min(many, 2_000))}) { __typename }`,
    () => 'query($input: ShopCatalogSearchInput!, $input: Int) { shopCatalogSearch(input: $input) { input } }',
    () => `query($a: Nothing!) { shopCatalogSearch(input: { text: $a }) { input } }`,
    () =>
      `{ shopCatalogSearch(input: { text: ${JSON.stringify(oneOf(random, ODD_TEXTS))}, count: ${oneOf(random, ['1e400', '99999999999999999999', '"1"', '[1]', 'null', '$x', '-0', 'true'])} }) { input } }`,
    () => `{ shopCatalogSearch(input: ${'{ filter: '.repeat(below(random, 100))}`,
    () => `{ shopCatalogSearch(input: { sizes: [${times(() => '1')}] , text: "a" }) { input } }`,
    () => `mutation { ${times((index) => `a${index}: shopOrdersTouch { total }`, 1 + below(random, 40))} }`,
    () => 'mutation { shopOrdersTouch @skip(if: true) { total } } subscription { a: __typename }',
    () => 'subscription { learningOnboardingWatchFacts { cursor } shopOrdersWatch(input: { learnerId: "l" }) { cursor } }',
    () => `{ __typename ${times(() => '@include(if: true)')} }`,
    () => `{ __type(name: ${JSON.stringify(oneOf(random, ODD_TEXTS))}) { name fields { name } } }`,
    () => `{ shopCatalogSearch(input: { text: """${oneOf(random, ODD_TEXTS)}\\""" """ }) { input } }`,
    () => `type Query { a: Int } extend schema @a { query: B } { __typename }`,
    () => `{ ${'a'.repeat(many)} }`,
    () => `# ${'x'.repeat(many)}\n{ __typename }`,
    () => `${','.repeat(many)}{ __typename }`,
    () => oneOf(random, ODD_TEXTS),
  ]
  return oneOf(random, makers)()
}

function nested(levels: number): string {
  return `{ shopTreeList { items { name ${'children { name '.repeat(levels)}${'}'.repeat(levels)} } } }`
}

const TOKENS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '!',
  '$',
  '...',
  ':',
  '=',
  '@',
  '|',
  '&',
  'query',
  'mutation',
  'fragment',
  'on',
  'true',
  'null',
  'a',
  '__typename',
  'shopTreeList',
  '1',
  '1.5e',
  '"a',
  '"""',
  '"\\u{110000}"',
  '\ufeff',
  '\0',
  '#',
  ',',
] as const
