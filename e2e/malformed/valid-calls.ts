import { expect } from 'vitest'
import { toBytes, type WireAnswer, type WireRequest } from './wire.ts'

/** A right call, and what its answer has to be. */
export interface ValidCall {
  readonly bytes: Buffer
  check(answer: WireAnswer): void
}

/** The right call number n: each asks another door, and knows its answer. */
export function createValidCalls(key: string, learnerToken: string): (number: number) => ValidCall {
  const post = (path: string, body: unknown, headers: WireRequest['headers'] = []): Buffer => {
    const all = [
      ['host', '127.0.0.1'],
      ['authorization', `Bearer ${key}`],
      ['content-type', 'application/json'],
      ...headers,
    ] as const
    return toBytes({ method: 'POST', path, headers: all, body: Buffer.from(JSON.stringify(body)) })
  }
  const json = ({ status, body }: WireAnswer) => ({ status, body: JSON.parse(body.toString()) as unknown })
  const one = (status: string) => ({ status: 200, body: { success: true, results: [{ index: 0, status }] } })
  const doors: readonly ((number: number) => ValidCall)[] = [
    (number) => ({
      bytes: post('/v1/shop/catalog/search', { text: `text ${number}`, sizes: [number] }),
      check: (answer) =>
        expect(json(answer)).toEqual({ status: 200, body: { input: { text: `text ${number}`, sizes: [number] } } }),
    }),
    (number) => ({
      bytes: toBytes({ method: 'GET', path: `/v1/shop/catalog/search?text=a&count=${number}`, headers: [['host', 'a']] }),
      check: (answer) => expect(json(answer)).toEqual({ status: 200, body: { input: { text: 'a', count: number } } }),
    }),
    (number) => ({
      bytes: post('/v1/learning/onboarding/recordEvent', report(number)),
      check: (answer) =>
        expect(json(answer)).toMatchObject({ status: 200, body: { eventId: `right-${number}`, duplicate: false } }),
    }),
    () => ({
      bytes: toBytes({
        method: 'GET',
        path: '/v1/learning/onboarding/getProgress?learnerId=right',
        headers: [
          ['host', 'a'],
          ['authorization', `Bearer ${learnerToken}`],
        ],
      }),
      check: (answer) => expect(json(answer)).toMatchObject({ status: 200, body: { learnerId: 'right' } }),
    }),
    (number) => ({
      bytes: post('/graphql', {
        query: 'query ($input: ShopOrdersListInput!) { shopOrdersList(input: $input) { items { id } } }',
        variables: { input: { learnerId: `l${number}` } },
      }),
      check: (answer) =>
        expect(json(answer)).toEqual({ status: 200, body: { data: { shopOrdersList: { items: [{ id: 'o1' }] } } } }),
    }),
    (number) => ({
      bytes: post(
        '/mcp',
        {
          jsonrpc: '2.0',
          id: number,
          method: 'tools/call',
          params: { name: 'shop.catalog.search', arguments: { text: 'a', count: number } },
        },
        [
          ['accept', 'application/json, text/event-stream'],
          ['mcp-protocol-version', '2025-11-25'],
        ],
      ),
      check: (answer) =>
        expect(json(answer)).toMatchObject({
          status: 200,
          body: { id: number, result: { structuredContent: { input: { text: 'a', count: number } } } },
        }),
    }),
    (number) => ({
      bytes: post('/v1/track', {
        type: 'track',
        messageId: `segment-${number}`,
        userId: `right-${number}`,
        event: 'ticket.closed',
        properties: { ticketId: 't' },
      }),
      check: (answer) => expect(json(answer)).toMatchObject(one('unknown')),
    }),
    (number) => ({
      bytes: post('/batch/', {
        api_key: key,
        batch: [{ event: 'ticket.closed', distinct_id: 'right', uuid: `posthog-${number}`, properties: {} }],
      }),
      check: (answer) => expect(json(answer)).toMatchObject(one('unknown')),
    }),
    (number) => ({
      bytes: post('/events', { ticketId: 't' }, [
        ['ce-specversion', '1.0'],
        ['ce-id', `${number}`],
        ['ce-source', '/right'],
        ['ce-type', 'ticket.closed'],
        ['ce-learnerid', 'right'],
      ]),
      check: (answer) => expect(json(answer)).toMatchObject(one('unknown')),
    }),
    () => ({
      bytes: toBytes({ method: 'GET', path: '/docs/llms.txt', headers: [['host', 'a']] }),
      check: ({ status, body }) =>
        expect([status, body.toString()]).toEqual([200, expect.stringContaining('shop.catalog.search')]),
    }),
    () => ({
      bytes: toBytes({ method: 'GET', path: '/readyz', headers: [['host', 'a']] }),
      check: (answer) => expect(json(answer)).toEqual({ status: 200, body: { status: 'ready' } }),
    }),
  ]
  return (number) => (doors[number % doors.length] as (number: number) => ValidCall)(number)
}

function report(number: number): object {
  const payload = { dealId: `d-${number}`, pipelineId: 'p', amount: 1, currency: 'EUR' }
  return { learnerId: `right-${number % 50}`, eventId: `right-${number}`, eventName: 'deal.created', eventPayload: payload }
}
