import type { SurfaceCall } from './surface-call.ts'

const PLACE = 'shop.orders.place@1.0.0'
const SEARCH = 'shop.catalog.search@1.0.0'
const LIST = 'shop.orders.list@1.0.0'
const WATCH = 'shop.orders.watch@1.0.0'
const TREE = 'shop.tree.save@1.0.0'
const BREAK = 'shop.admin.break@1.0.0'
const TOUCH = 'shop.orders.touch@1.0.0'
const CANCEL_0 = 'shop.orders.cancel@0.9.0'
const CANCEL_1 = 'shop.orders.cancel@1.0.0'
const CANCEL_2 = 'shop.orders.cancel@2.0.0'

const order = (sku: string, count = 2) => ({ learnerId: 'l1', items: [{ sku, count }] })
const search = (more: object) => ({ text: 'tea', ...more })

/** The same call has the same answer on every surface. */
export const CALLS: readonly SurfaceCall[] = [
  { what: 'a command of a learner', id: PLACE, input: order('tea'), as: 'learner:l1' },
  { what: 'a command of a service', id: PLACE, input: order('tea'), as: 'service' },
  { what: 'a command of a service with a scope of its module', id: PLACE, input: order('tea'), as: 'service:shop.*' },
  { what: 'a command of an operator', id: PLACE, input: order('tea'), as: 'operator' },
  { what: 'a command without a credential', id: PLACE, input: order('tea') },
  { what: 'a command with a credential that nobody knows', id: PLACE, input: order('tea'), as: 'stolen' },
  { what: 'a command about somebody else', id: PLACE, input: order('tea'), as: 'learner:l2' },
  { what: 'a command of a service with another scope', id: PLACE, input: order('tea'), as: 'service:learning.*' },
  { what: 'an error with data', id: PLACE, input: order('rare'), as: 'learner:l1' },
  { what: 'an error without data', id: PLACE, input: order('dear'), as: 'learner:l1' },
  { what: 'a number below the least', id: PLACE, input: order('tea', 0), as: 'learner:l1' },
  { what: 'an empty list that must not be', id: PLACE, input: { learnerId: 'l1', items: [] }, as: 'learner:l1' },
  { what: 'unicode in a name', id: PLACE, input: order('茶 🍵 \u{1d11e} ä'), as: 'learner:l1' },
  {
    what: 'the same key again',
    id: PLACE,
    input: order('tea'),
    as: 'learner:l1',
    idempotencyKey: 'k1',
    first: { id: PLACE, input: order('tea'), as: 'learner:l1', idempotencyKey: 'k1' },
  },
  {
    what: 'the same key with another body',
    id: PLACE,
    input: order('oil'),
    as: 'learner:l1',
    idempotencyKey: 'k1',
    first: { id: PLACE, input: order('tea'), as: 'learner:l1', idempotencyKey: 'k1' },
  },
  { what: 'an input that is too large', id: PLACE, input: order('x'.repeat(3_000)), as: 'learner:l1' },

  { what: 'a call that takes too long', id: PLACE, input: order('slow'), as: 'learner:l1', isLate: true },

  { what: 'a query that anybody may ask', id: SEARCH, input: search({}) },
  { what: 'a query with a credential that nobody knows', id: SEARCH, input: search({}), as: 'stolen' },
  {
    what: 'every kind of field',
    id: SEARCH,
    input: search({ max: 1.5, count: 3, inStock: false, tags: ['a', 'b'], sizes: [1, 2.5], mode: 'fuzzy' }),
  },
  { what: 'an object inside', id: SEARCH, input: search({ filter: { from: 'a', to: 'b' } }) },
  { what: 'a null where it may be', id: SEARCH, input: search({ limit: null }) },
  { what: 'one of two numbers', id: SEARCH, input: search({ grade: 2 }) },
  { what: 'a number or a list: a number', id: SEARCH, input: search({ either: 3 }) },
  { what: 'a number or a list: a list', id: SEARCH, input: search({ either: [3, 4] }) },
  { what: 'the largest whole number that is exact', id: SEARCH, input: search({ max: Number.MAX_SAFE_INTEGER }) },
  { what: 'a whole number beyond 32 bits', id: SEARCH, input: search({ count: 3_000_000_000 }) },
  { what: 'a very large number', id: SEARCH, input: search({ max: 1e300 }) },
  { what: 'a very small number', id: SEARCH, input: search({ max: -1e-7 }) },
  { what: 'a time', id: SEARCH, input: search({ since: '2026-02-28T23:59:59.999Z' }) },
  { what: 'unicode in a text', id: SEARCH, input: { text: 'שלום \u{1f468}\u200d\u{1f469} e\u0301 "quoted" \\ \n' } },
  { what: 'an empty text', id: SEARCH, input: { text: '' } },
  { what: 'no such time', id: SEARCH, input: search({ since: 'yesterday' }) },

  { what: 'the first page', id: LIST, input: { learnerId: 'l1', limit: 2 }, as: 'learner:l1' },
  { what: 'the next page', id: LIST, input: { learnerId: 'l1', limit: 2, cursor: '2' }, as: 'learner:l1' },
  { what: 'a page of the usual size', id: LIST, input: { learnerId: 'l1' }, as: 'service' },
  { what: 'a page that is too large', id: LIST, input: { learnerId: 'l1', limit: 201 }, as: 'learner:l1' },
  { what: 'a reserved error that a handler raises', id: LIST, input: { learnerId: 'nobody' }, as: 'service' },

  {
    what: 'a stream to its end',
    id: WATCH,
    input: { learnerId: 'l1' },
    as: 'learner:l1',
    items: [
      { cursor: 'c1', total: 1 },
      { cursor: 'c2', total: 2.5 },
    ],
  },
  { what: 'a stream that ends at once', id: WATCH, input: { learnerId: 'l1', after: 'c2' }, as: 'learner:l1', items: [] },
  { what: 'an error before the first item', id: WATCH, input: { learnerId: 'l1', after: 'night' }, as: 'learner:l1' },
  { what: 'a stream about somebody else', id: WATCH, input: { learnerId: 'l1' }, as: 'learner:l2' },

  {
    what: 'a tree',
    id: TREE,
    input: {
      name: 'a',
      children: [
        { name: 'b', children: [] },
        { name: 'c', children: [{ name: 'd', children: [] }] },
      ],
    },
    as: 'service',
  },
  { what: 'a command that wants a permission', id: TREE, input: { name: 'a', children: [] }, as: 'service:shop.tree.save' },
  { what: 'a command that is for services', id: TREE, input: { name: 'a', children: [] }, as: 'learner:l1' },

  { what: 'a deprecated operation', id: CANCEL_1, input: { orderId: 'o1' }, as: 'service' },
  { what: 'its successor', id: CANCEL_2, input: { orderId: 'o1', reason: 'late' }, as: 'service' },
  { what: 'an operation that was switched off', id: CANCEL_0, input: { orderId: 'o1' }, as: 'service' },

  { what: 'a handler that is fine', id: BREAK, input: { how: 'fine' }, as: 'operator' },
  { what: 'a handler that throws', id: BREAK, input: { how: 'throw' }, as: 'operator' },
  { what: 'a handler that answers what it must not', id: BREAK, input: { how: 'output' }, as: 'operator' },
  { what: 'a handler that is busy', id: BREAK, input: { how: 'busy' }, as: 'operator' },
  { what: 'a handler that finds something else there', id: BREAK, input: { how: 'conflict' }, as: 'operator' },
  { what: 'an operation for operators', id: BREAK, input: { how: 'fine' }, as: 'service' },
  { what: 'a command that shares its transaction', id: TOUCH, input: { by: 5 }, as: 'service' },
  { what: 'an input without fields', id: TOUCH, input: {}, as: 'service' },
]
