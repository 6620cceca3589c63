import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../test-support/temp-folder.ts'
import { type RunningServer, startServer } from './start-server.ts'

let cwd: string
let server: RunningServer
beforeAll(async () => {
  cwd = makeFolder()
  server = await startServer({ cwd, env: { PORT: '0', DATABASE_URL: 'sqlite::memory:', LOG_LEVEL: 'silent' } })
})
afterAll(async () => {
  await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly statuses: readonly string[]
}

async function post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...headers },
    body,
  })
  const { results = [] } = (await response.json()) as { readonly results?: readonly { readonly status: string }[] }
  return { status: response.status, statuses: results.map(({ status }) => status) }
}

let ids = 0
const payload = { dealId: 'd', amount: 1 }
const restItem = () => ({ learnerId: 'ada', eventName: 'deal.won', eventId: `e${++ids}`, eventPayload: payload })
const call = () => ({ type: 'track', userId: 'ada', event: 'deal.won', messageId: `e${++ids}`, properties: payload })
const cloudEvent = () => ({
  specversion: '1.0',
  id: `e${++ids}`,
  source: '/crm',
  type: 'deal.won',
  subject: 'ada',
  data: payload,
})

const LONG = 'x'.repeat(257)
const TEXTS = { NUL: 'a\0b', 'a lone surrogate': 'a\ud800', '257 bytes': LONG }
const inside = (value: string) => (value === LONG ? {} : { dealId: value, amount: 1 })

/** Each door of a batch: how a batch is sent, and its items with one text that cannot be stored. */
const DOORS: readonly [
  door: string,
  good: () => object,
  send: (items: readonly unknown[]) => Promise<Answer>,
  bad: (text: string) => object[],
][] = [
  [
    'ingest',
    restItem,
    (events) => post('/v1/learning/onboarding/ingest', JSON.stringify({ events })),
    (text) => [
      ...['learnerId', 'eventName', 'eventId', 'eventVersion', 'sourceModule', 'accountId', 'trackId'].map((field) => ({
        ...restItem(),
        [field]: text,
      })),
      { ...restItem(), eventPayload: inside(text) },
    ],
  ],
  [
    '/v1/batch',
    call,
    (batch) => post('/v1/batch', JSON.stringify({ batch })),
    (text) => [
      ...['userId', 'event', 'messageId'].map((field) => ({ ...call(), [field]: text })),
      { ...call(), userId: undefined, anonymousId: text },
      { ...call(), context: { groupId: text } },
      { ...call(), properties: inside(text) },
      { type: 'identify', userId: text },
      { type: 'identify', userId: 'ada', anonymousId: text },
      { type: 'group', userId: 'ada', groupId: text },
      { type: 'alias', userId: 'ada', previousId: text },
    ],
  ],
  [
    '/events',
    cloudEvent,
    (events) => post('/events', JSON.stringify(events), { 'content-type': 'application/cloudevents-batch+json' }),
    (text) => [
      ...['id', 'source', 'type', 'subject', 'learnerid', 'accountid'].map((field) => ({ ...cloudEvent(), [field]: text })),
      { ...cloudEvent(), data: inside(text) },
    ],
  ],
]

describe.each(DOORS)('%s', (_, good, send, bad) => {
  it.each(Object.entries(TEXTS))('refuses an item with %s alone, in whichever field', async (_, text) => {
    const items = bad(text).flatMap((item) => [good(), item])
    const { status, statuses } = await send(items)
    expect(status).toBe(200)
    expect(statuses).toEqual(items.map((_, index) => (index % 2 === 0 ? 'recorded' : 'invalid')))
  })
})

it.each([
  ['a field name that changes prototypes', '{"learnerId":"ada","eventName":"deal.won","eventPayload":{"__proto__":{}}}'],
  ['a field that comes twice', '{"learnerId":"ada","eventName":"deal.won","eventName":"deal.won"}'],
  ['a number beyond a double', '{"learnerId":"ada","eventName":"deal.won","eventPayload":{"dealId":"d","amount":1e999}}'],
  ['too much nesting', `{"learnerId":"ada","eventName":"deal.won","eventPayload":{"deep":${'['.repeat(40)}${']'.repeat(40)}}}`],
])('ingest refuses an item with %s alone', async (_, item) => {
  const body = `{"events":[${JSON.stringify(restItem())},${item},${JSON.stringify(restItem())}]}`
  expect(await post('/v1/learning/onboarding/ingest', body)).toEqual({
    status: 200,
    statuses: ['recorded', 'invalid', 'recorded'],
  })
  const outside = `{"events":[],"events":[${JSON.stringify(restItem())}]}`
  expect((await post('/v1/learning/onboarding/ingest', outside)).status).toBe(422)
})

it.each(['id', 'source', 'type', 'subject', 'learnerid', 'accountid'])(
  'one CloudEvent with an unstorable %s is not stored',
  async (field) => {
    for (const text of Object.values(TEXTS)) {
      const structured = { ...cloudEvent(), [field]: text }
      const answer = await post('/events', JSON.stringify(structured), { 'content-type': 'application/cloudevents+json' })
      expect(answer).toEqual({ status: 200, statuses: ['invalid'] })
    }
    for (const text of ['a%00b', LONG]) {
      const { data, ...attributes } = { ...cloudEvent(), [field]: text }
      const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
      expect(await post('/events', JSON.stringify(data), headers)).toEqual({ status: 200, statuses: ['invalid'] })
    }
  },
)

it('an anonymous id that is no text is nobody', async () => {
  const batch = [
    { ...call(), userId: undefined, anonymousId: {} },
    { ...call(), userId: undefined, anonymousId: ['a'] },
  ]
  expect(await post('/v1/batch', JSON.stringify({ batch }))).toEqual({ status: 200, statuses: ['invalid', 'invalid'] })
})
