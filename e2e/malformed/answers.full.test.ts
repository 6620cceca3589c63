/** The typed client, which promises results and never an exception, against answers that no server should give. */
import { stripTypeScriptTypes } from 'node:module'
import { RESERVED } from '@waymark/contract'
import { type ClientContract, createClient } from '@waymark/surface/client'
import { emitClient } from '@waymark/surface/emit-client'
import { expect, it } from 'vitest'
import { registry } from '../../packages/surface/test-support/fixture.ts'
import { below, type Random } from '../faults/random.ts'
import { damagedBytes, damagedJson, ODD_TEXTS, oneOf, randomOf } from './damage.ts'
import { Failures } from './failures.ts'
import { CASES, LONGEST_RUN, ONLY, SEED } from './setting.ts'

const ANSWERS = Math.ceil(CASES / 5)
/** A page of each kind of answer, from which there is always a next one, ends after so many requests. */
const MOST_REQUESTS = 30

const { contracts } = (await import(
  `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(emitClient(registry)))}`
)) as { readonly contracts: readonly ClientContract[] }

const CODES = new Set([
  ...Object.keys(RESERVED),
  ...['OUT_OF_STOCK', 'CARD_DECLINED', 'CLOSED'],
  ...['SERVER_UNREACHABLE', 'CALL_TIMED_OUT', 'CALL_ABORTED', 'ANSWER_UNREADABLE', 'ANSWER_UNDECLARED'],
])

type Result = {
  readonly ok: boolean
  readonly data?: unknown
  readonly meta?: Readonly<Record<string, unknown>>
  readonly error?: Readonly<Record<string, unknown>>
}
type Call = ((input: object, options: object) => Promise<Result> & AsyncIterable<Result>) & {
  readonly all: (input: object, options: object) => AsyncIterable<Result>
}

it('become results of the typed client, and exceptions never', { timeout: LONGEST_RUN }, async () => {
  console.log(`malformed answers: MALFORMED_SEED=${SEED} ${ANSWERS} answers`)
  const failures = new Failures()
  const kinds = new Map<string, number>()
  for (let number = ONLY ?? 0; number < (ONLY === undefined ? ANSWERS : ONLY + 1); number++) {
    const random = randomOf(SEED, number)
    let requests = 0
    let last = ''
    const fetch = async () => {
      requests += 1
      const { response, text } = requests > MOST_REQUESTS ? { response: END, text: 'the end' } : oddAnswer(random)
      last = text
      if (typeof response === 'function') return response()
      return response.clone()
    }
    const aborting = new AbortController()
    const onRetry = ({ pauseMs }: { readonly pauseMs: number }) => {
      if (!(pauseMs >= 0)) failures.add(`a pause of ${pauseMs}`, number, last)
      // Nobody waits here: what would have come is another case.
      aborting.abort()
    }
    const client = createClient({ url: 'http://shop.test', fetch, retries: 1, onRetry }, contracts) as unknown as {
      shop: { orders: Record<string, Call>; catalog: Record<string, Call> }
    }
    const options = { signal: aborting.signal }
    try {
      for (const result of await resultsOf(client.shop, below(random, 4), options)) {
        const kind = result.ok ? 'data' : String(result.error?.code)
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        const flaw = flawOf(result)
        if (flaw !== undefined) failures.add(flaw, number, `${last}\n→ ${JSON.stringify(result)}`)
      }
    } catch (error) {
      failures.add(`it throws ${String(error)}`, number, `${last}\n${(error as Error).stack}`)
    }
    if (requests > MOST_REQUESTS) failures.add('it does not come to an end', number, last)
  }
  console.log([...kinds].map(([kind, count]) => `${kind}: ${count}`).join(', '))
  expect(String(failures)).toBe('')
})

const END = Response.json({ items: [], nextCursor: null })

async function resultsOf(
  { orders, catalog }: { readonly orders: Record<string, Call>; readonly catalog: Record<string, Call> },
  kind: number,
  options: object,
): Promise<Result[]> {
  const [place, list, watch, search] = [orders.place, orders.list, orders.watch, catalog.search] as [Call, Call, Call, Call]
  if (kind === 0) return [await place({ learnerId: 'l1', items: [] }, options)]
  if (kind === 1) return [await search({ text: 'a' }, options)]
  const results: Result[] = []
  for await (const result of kind === 2 ? list.all({ learnerId: 'l1' }, options) : watch({ learnerId: 'l1' }, options)) {
    results.push(result)
    if (results.length > 200) break
  }
  return results
}

function flawOf({ ok, data, meta, error }: Result): string | undefined {
  if (ok) {
    if (data === undefined || meta === undefined) return 'a success without data'
    const { requestId, replayed, attempts, deprecation } = meta
    const isFine =
      (requestId === null || typeof requestId === 'string') && typeof replayed === 'boolean' && Number.isInteger(attempts)
    return isFine && deprecation !== undefined ? undefined : 'a success whose circumstances are not what they should be'
  }
  if (error === undefined || !CODES.has(String(error.code))) return `the code ${String(error?.code)}`
  if (typeof error.detail !== 'string') return 'a failure without words'
  if (error.status !== undefined && !Number.isInteger(error.status)) return `the status ${String(error.status)}`
  return error.retryAfter === undefined || (typeof error.retryAfter === 'number' && error.retryAfter >= 0)
    ? undefined
    : `the retryAfter ${String(error.retryAfter)}`
}

const PROBLEM = {
  type: 'urn:waymark:error:OUT_OF_STOCK',
  title: 'Not enough',
  status: 409,
  detail: 'One left.',
  instance: 'urn:waymark:request:1',
  code: 'OUT_OF_STOCK',
  data: { sku: 'tea', left: 1 },
  retryAfter: 1,
}
const BODIES = [
  ['application/json', { orderId: 'order-1', calls: 1 }],
  ['application/json', { items: [{ id: 'o1', total: 1, note: null }], nextCursor: 'next' }],
  ['application/problem+json', PROBLEM],
  ['application/problem+json', { ...PROBLEM, type: 'urn:waymark:error:RATE_LIMITED', code: 'RATE_LIMITED', status: 429 }],
] as const
const STREAM =
  'retry: 2000\nid: start\n\nid: c1\ndata: {"cursor":"c1","total":1}\n\n:\n\nid: c2\ndata: {"cursor":"c2","total":2.5}\n\nevent: end\ndata: {}\n\n'
const STREAM_PROBLEM = `event: problem\ndata: ${JSON.stringify(PROBLEM)}\n\n`

function oddAnswer(random: Random): { readonly response: Response | (() => Promise<Response>); readonly text: string } {
  if (random() < 0.03)
    return {
      response: () => Promise.reject(oneOf(random, [undefined, 'a text', new TypeError('fetch failed'), { cause: 1 }])),
      text: 'fetch rejects',
    }
  const [type, value] = oneOf(random, BODIES)
  const isStream = random() < 0.4
  const right = isStream
    ? Buffer.from(random() < 0.8 ? STREAM : STREAM_PROBLEM)
    : Buffer.from(random() < 0.7 ? damagedJson(random, value) : JSON.stringify(value))
  const body = random() < 0.4 ? damagedBytes(random, right) : right
  const status =
    random() < 0.5
      ? type.includes('problem')
        ? 409
        : 200
      : oneOf(random, [200, 201, 204, 206, 300, 304, 400, 401, 404, 409, 413, 418, 429, 500, 502, 503, 504, 599])
  const headers = new Headers({
    'content-type':
      random() < 0.85
        ? isStream
          ? 'text/event-stream'
          : type
        : oneOf(random, ['', ';', 'text/html', 'application/JSON ; charset=utf-16', 'application/x-ndjson']),
  })
  for (let left = below(random, 3); left > 0; left--) headers.append(...oneOf(random, ODD_HEADERS))
  const isBodiless = status === 204 || status === 304
  const response = new Response(isBodiless ? null : random() < 0.1 ? cutOff(body) : new Uint8Array(body), { status, headers })
  return { response, text: `${status} ${JSON.stringify([...headers])}\n${body.toString('latin1').slice(0, 1_000)}` }
}

const ODD_HEADERS: readonly [string, string][] = [
  ...['@1767225600', '@99999999999999999', '@-1', 'true', '@'].map((value): [string, string] => ['deprecation', value]),
  ...['Thu, 01 Jan 2026 00:00:00 GMT', 'never', '99999999999999'].map((value): [string, string] => ['sunset', value]),
  ...['</v2/x>; rel="successor-version"', '<', '<>; rel=successor-version', `<${'a'.repeat(5_000)}>`].map(
    (value): [string, string] => ['link', value],
  ),
  ...['1', '-1', '1e9', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT', 'soon', 'NaN'].map((value): [string, string] => [
    'retry-after',
    value,
  ]),
  ...['true', 'TRUE', '1'].map((value): [string, string] => ['idempotency-replayed', value]),
  ...ODD_TEXTS.filter((text) => /^[ -~]+$/.test(text)).map((text): [string, string] => ['x-request-id', text]),
]

/** A body whose connection breaks inside it. */
function cutOff(body: Buffer): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(body.subarray(0, body.length >> 1)))
      controller.error(new TypeError('terminated'))
    },
  })
}
