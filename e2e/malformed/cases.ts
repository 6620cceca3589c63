/** The malformed requests: case number n of a seed is always the same one. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { below, type Random } from '../faults/random.ts'
import { damagedBytes, damagedJson, damagedText, ODD_TEXTS, oneOf, randomOf } from './damage.ts'
import { oddDocument } from './odd-documents.ts'
import { rawCase } from './raw-cases.ts'
import { cloudEvent, DOCUMENTS, INGEST_BODIES, isStreamed, OPERATION_CALLS, pathOf, searchOf, toolOf } from './valid-requests.ts'
import type { WireRequest } from './wire.ts'

/** Whose shape an error has. */
export type Surface = 'rest' | 'graphql' | 'mcp' | 'docs'

export type Case =
  | { readonly what: string; readonly surface: Surface; readonly request: WireRequest }
  /** Bytes for a connection of their own. */
  | { readonly what: string; readonly bytes: Buffer }

export interface Credentials {
  readonly key: string
  readonly learnerToken: string
}

/** Makes the cases of a seed. */
export function createCases(seed: number, credentials: Credentials): (number: number) => Case {
  return (number) => {
    const random = randomOf(seed, number)
    // What is as large as may be costs the server most; now and then is enough.
    const kind = random() < 0.0008 ? heavy : oneOf(random, KINDS)
    const made = kind(random, credentials)
    if ('bytes' in made) return made
    const damaged = random() < 0.12 ? withOddHeader(random, made.request) : made.request
    return { ...made, request: random() < 0.03 ? encoded(random, damaged) : damaged }
  }
}

type Kind = (random: Random, credentials: Credentials) => Case

const ODD_TYPES = [
  '',
  ';',
  'application/json; charset=utf-16',
  'application/json;charset=',
  'text/plain',
  'application/xml',
  'json',
  'application/+json',
  'multipart/form-data; boundary=x',
  'application/json, text/plain',
  'application/JSON ; q=1',
  'application/cloudevents+xml',
  'application/cloudevents-batch+json; charset=latin1',
  '\xff\xfe',
] as const

const headersOf = (random: Random, { key, learnerToken }: Credentials, type: string): [string, string][] => {
  const credential =
    random() < 0.8 ? `Bearer ${key}` : random() < 0.5 ? `Bearer ${learnerToken}` : oddCredential(random, key, learnerToken)
  return [
    ['host', '127.0.0.1'],
    ...(credential === undefined ? [] : [['authorization', credential] as [string, string]]),
    ...(random() < 0.04 ? [] : [['content-type', random() < 0.04 ? oneOf(random, ODD_TYPES) : type] as [string, string]]),
  ]
}

function oddCredential(random: Random, key: string, token: string): string | undefined {
  const [head = '', payload = ''] = token.split('.')
  const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64url')
  return oneOf(random, [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic',
    'Basic %%%',
    `Basic ${btoa(`${key}:`)}`,
    `Basic ${btoa(':')}`,
    `Basic ${btoa('\xff\xfe:')}`,
    `bearer ${key}`,
    `Bearer  ${key}`,
    `Bearer ${key},Bearer ${key}`,
    `Bearer ${key.slice(0, -1)}`,
    `Bearer wm_pk_${'0'.repeat(32)}`,
    `Bearer ${'x'.repeat(5_000)}`,
    `Bearer ${token.slice(0, -3)}`,
    `Bearer ${head}.${payload}.`,
    `Bearer ${base64('{"alg":"none"}')}.${payload}.`,
    `Bearer ${base64('{"alg":"HS256","crit":["b64"],"b64":false}')}.${payload}.x`,
    `Bearer ${base64('{"alg":"HS256","kid":{"a":1}}')}.${payload}.x`,
    `Bearer ${base64('null')}.${base64('null')}.x`,
    `Bearer ${base64('[')}.${base64('{')}.`,
    `Bearer a.b.c`,
    'Bearer ..',
    'Digest a=b',
    '\xff',
    `Token ${key}`,
  ] as const)
}

/** A header that is wrong, or that nobody expects. Its framing stays right. */
function withOddHeader(random: Random, request: WireRequest): WireRequest {
  const odd = oneOf(random, ODD_HEADERS)
  const [name] = odd
  const others = request.headers.filter(([other]) => other !== name)
  return { ...request, headers: [...(random() < 0.2 ? request.headers : others), odd] }
}

const ODD_HEADERS = [
  ...['', 'k', 'a b', '\xfc', 'x'.repeat(256), 'k'.repeat(255), '"', '\t', 'k1'].map(
    (value) => ['idempotency-key', value] as const,
  ),
  ...[
    '',
    '*/*',
    'text/html',
    'application/graphql-response+json;q=0',
    'text/event-stream',
    'application/x-ndjson',
    ';;;,,,',
    `${'a/b,'.repeat(1_000)}c/d`,
    'application/json;q=NaN',
    '\xff',
  ].map((value) => ['accept', value] as const),
  ...['gzip', 'deflate', 'br', 'gzip, gzip', 'GZIP', 'identity', 'x'.repeat(100), ''].map(
    (value) => ['content-encoding', value] as const,
  ),
  ...['', 'a b', '[::1', '127.0.0.1:99999', 'evil.example.com', '\xff', 'a'.repeat(300), '127.0.0.1/../x', '@'].map(
    (value) => ['host', value] as const,
  ),
  ...['null', 'https://evil.example.com', 'http://127.0.0.1', '%', 'http://[', 'file://'].map(
    (value) => ['origin', value] as const,
  ),
  ...['-1', 'abc', '9999999999999999999', '\0x'.slice(1), 'c1'].map((value) => ['last-event-id', value] as const),
  ...['2026-07-28', '2025-11-25', '1999-01-01', '', 'latest', '\xff'].map((value) => ['mcp-protocol-version', value] as const),
  ...['abc', '', '\xff', 'x'.repeat(500)].map((value) => ['mcp-session-id', value] as const),
  ...['tools/list', 'tools/call', '', 'nothing/here', '\xff'].map((value) => ['mcp-method', value] as const),
  ...['learning.onboarding.getProgress', '=?base64?YQ==?=', '=?base64?%?=', '\xff'].map((value) => ['mcp-name', value] as const),
  ['expect', '100-continue'],
  ['expect', 'the unexpected'],
  ['upgrade', 'websocket'],
  ['connection', 'upgrade'],
  ['connection', 'close'],
  ['te', 'trailers'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['cookie', `a=${'b'.repeat(4_000)}`],
  ['x-request-id', '\xff\xfe'],
  ['x-forwarded-host', '//'],
  ['traceparent', '00-'],
  ['x', 'y'.repeat(9_000)],
] as const satisfies readonly (readonly [string, string])[]

/** The body packed, damaged after it was, packed twice, or packed and said to be plain; and now and then one that unpacks to a lot. */
function encoded(random: Random, request: WireRequest): WireRequest {
  const plain = request.body
  if (plain === undefined) return request
  const with_ = (encoding: string, body: Buffer): WireRequest => ({
    ...request,
    headers: [...request.headers.filter(([name]) => name !== 'content-encoding'), ['content-encoding', encoding]],
    body,
  })
  switch (below(random, 9)) {
    case 0:
      return with_('gzip', gzipSync(plain))
    case 1:
      return with_('deflate', deflateSync(plain))
    case 2:
      return with_('gzip', damagedBytes(random, gzipSync(plain)))
    case 3:
      return with_('deflate', deflateRawSync(plain))
    case 4:
      return with_('gzip', Buffer.concat([gzipSync(plain), gzipSync(plain)]))
    case 5:
      return with_('br', brotliCompressSync(plain))
    case 6:
      return with_('gzip', plain)
    case 7:
      return with_('gzip', random() < 0.2 ? BOMB : gzipSync(gzipSync(plain)))
    default:
      return with_('identity', gzipSync(plain))
  }
}

/** 64 MiB of spaces in 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 * 1_048_576, ' '), { level: 9 })

/** JSON with damage in its values, or in its text. */
function bodyOf(random: Random, value: unknown): Buffer {
  if (random() < 0.75) return Buffer.from(damagedJson(random, value))
  if (random() < 0.02) return Buffer.from(`"${'x'.repeat(1_048_577)}"`)
  if (random() < 0.02) return Buffer.alloc(0)
  return damagedBytes(random, Buffer.from(JSON.stringify(value) ?? ''))
}

const command: Kind = (random, credentials) => {
  const call = oneOf(random, OPERATION_CALLS)
  const headers = headersOf(random, credentials, 'application/json')
  if (isStreamed(call)) headers.push(['accept', oneOf(random, ['text/event-stream', 'application/x-ndjson', '*/*'])])
  return {
    what: 'a call by POST',
    surface: 'rest',
    request: { method: 'POST', path: pathOf(call), headers, body: bodyOf(random, call.input) },
  }
}

const QUERIES = OPERATION_CALLS.filter(({ entry }) => entry.operation.kind === 'query')

const query: Kind = (random, credentials) => {
  const call = oneOf(random, QUERIES)
  const pairs = [...searchOf(call.input)]
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const at = below(random, pairs.length + 1)
    const [name, value] = pairs[at] ?? ['learnerId', 'ada']
    const odd = oneOf(random, ODD_TEXTS)
    pairs.splice(
      at,
      random() < 0.5 ? 1 : 0,
      random() < 0.6 ? [name, odd] : random() < 0.5 ? [odd, value] : [name, damagedJson(random, value)],
    )
  }
  if (random() < 0.01) for (let more = 0; more < 1_000; more++) pairs.push(['a', '1'])
  const search = pairs.map(([name, value]) => `${escaped(random, name)}=${escaped(random, value)}`).join('&')
  const headers = headersOf(random, credentials, 'application/json')
  if (isStreamed(call)) headers.push(['accept', oneOf(random, ['text/event-stream', 'application/x-ndjson', '*/*'])])
  return { what: 'a query by GET', surface: 'rest', request: { method: 'GET', path: `${pathOf(call)}?${search}`, headers } }
}

/** Percent-encoded, mostly; never what would end the line of the request. */
function escaped(random: Random, text: string): string {
  const encoded =
    random() < 0.9
      ? Array.from(Buffer.from(text), (byte) =>
          /[\w.-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
        ).join('')
      : text.replace(/[^!-~]/g, '+')
  return random() < 0.08
    ? encoded + oneOf(random, ['%', '%f', '%ff', '%c0%af', '%ed%a0%80', '%00', '+', '&', '=', '#a', '[]', '%u0041', ';'])
    : encoded
}

const ingest: Kind = (random, credentials) => {
  const { path, type, body } = oneOf(random, INGEST_BODIES)
  const headers = headersOf(random, credentials, type)
  const isBinary = path === '/events' && type === 'application/json'
  if (isBinary) {
    for (const [name, value] of Object.entries({ ...cloudEvent, data: undefined, datacontenttype: undefined })) {
      if (value === undefined || random() < 0.1) continue
      headers.push([
        `ce-${name}`,
        random() < 0.2
          ? encodeURIComponent(oneOf(random, ODD_TEXTS).toWellFormed()) + oneOf(random, ['', '%', '"', '\xff'])
          : value,
      ])
    }
  }
  const keyInBody = /^\/(batch|capture|i)\//.test(path) && random() < 0.5
  const all = keyInBody ? headers.filter(([name]) => name !== 'authorization') : headers
  const keyed = keyInBody ? { ...(body as object), api_key: credentials.key } : body
  return {
    what: 'events of an SDK',
    surface: 'rest',
    request: { method: 'POST', path, headers: all, body: bodyOf(random, keyed) },
  }
}

const graphql: Kind = (random, credentials) => {
  const { query, call } = oneOf(random, DOCUMENTS)
  const headers = headersOf(random, credentials, 'application/json')
  headers.push(['accept', oneOf(random, ['application/graphql-response+json', 'application/json', 'text/event-stream', '*/*'])])
  const document = random() < 0.5 ? query : random() < 0.5 ? damagedText(random, query) : oddDocument(random)
  const parameters = {
    query: document,
    variables: { input: call.input },
    operationName: random() < 0.8 ? undefined : oneOf(random, ['Named', 'Other', '']),
  }
  const what = 'a GraphQL request'
  if (random() < 0.25) {
    const pairs = {
      query: document,
      variables: random() < 0.5 ? JSON.stringify(parameters.variables) : damagedJson(random, parameters.variables),
      operationName: parameters.operationName,
    }
    const search = Object.entries(pairs).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${escaped(random, value)}`],
    )
    // What is longer than the head of a request may be is for the cases of raw bytes.
    return {
      what,
      surface: 'graphql',
      request: { method: 'GET', path: `/graphql?${search.join('&')}`.slice(0, 12_000), headers },
    }
  }
  const value = random() < 0.1 ? [parameters, parameters] : parameters
  const isAsIs = document !== query && random() < 0.7
  const body = isAsIs ? Buffer.from(JSON.stringify(value)) : bodyOf(random, value)
  return { what, surface: 'graphql', request: { method: 'POST', path: '/graphql', headers, body } }
}

type Message = readonly [method: string, params: object]

const REVISIONS = ['2026-07-28', '2025-11-25'] as const

const mcp: Kind = (random, credentials) => {
  const call = oneOf(random, OPERATION_CALLS)
  const revision = oneOf(random, REVISIONS)
  const meta =
    revision === '2026-07-28'
      ? { 'io.modelcontextprotocol/protocolVersion': revision, 'io.modelcontextprotocol/clientCapabilities': {} }
      : {}
  const name = toolOf(call)
  const isQuick = !name.endsWith('watchFacts')
  const messages: readonly Message[] = [
    ...(isQuick
      ? ([['tools/call', { name, arguments: call.input, _meta: { ...meta, 'waymark/idempotencyKey': 'k' } }]] as const)
      : []),
    ['initialize', { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'a', version: '1' } }],
    ['tools/list', { cursor: 'a', _meta: meta }],
    ['resources/list', { cursor: 'contracts:50', _meta: meta }],
    ['resources/read', { uri: `waymark://contracts/${name}@1`, _meta: meta }],
    ['resources/templates/list', { _meta: meta }],
    ['server/discover', { _meta: meta }],
    ['ping', { _meta: meta }],
    ['notifications/cancelled', { requestId: 1, reason: 'a' }],
    ['logging/setLevel', { level: 'debug' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'a', value: 'b' } }],
    ['prompts/get', { name: 'a' }],
    [oneOf(random, ODD_TEXTS), { _meta: meta }],
  ]
  const [method, params] = random() < 0.5 ? (messages[0] as Message) : oneOf(random, messages)
  const message = { jsonrpc: '2.0', id: oneOf(random, [1, 'a', 0, -1, null, 1.5, undefined]), method, params }
  const value = random() < 0.06 ? [message, message] : message
  const headers: [string, string][] = [
    ...headersOf(random, credentials, 'application/json'),
    ['accept', random() < 0.9 ? 'application/json, text/event-stream' : oneOf(random, ['application/json', '*/*', ''])],
    ['mcp-protocol-version', random() < 0.9 ? revision : oneOf(random, ['', '2020-01-01', revision.slice(1)])],
  ]
  if (revision === '2026-07-28' && /^[\x21-\x7e]+$/.test(method)) {
    headers.push(['mcp-method', method])
    if (method === 'tools/call') headers.push(['mcp-name', name])
    if (method === 'resources/read') headers.push(['mcp-name', `waymark://contracts/${name}@1`])
  }
  return {
    what: `MCP ${revision}`,
    surface: 'mcp',
    request: { method: 'POST', path: '/mcp', headers, body: bodyOf(random, value) },
  }
}

const DOORS = [
  '/docs/',
  '/docs',
  '/docs/index.html',
  '/openapi.json',
  '/asyncapi.json',
  '/schema.graphql',
  '/healthz',
  '/readyz',
  '/mcp',
  '/graphql',
  '/events',
  '/v1/batch',
  '/',
  '/v1/learning/onboarding/getProgress',
  '/batch/',
] as const
const PARTS = [
  '..',
  '.',
  '%2e%2e',
  '..%2f',
  '%2f',
  '%5c',
  '\\',
  '//',
  '/',
  '%00',
  '%ff',
  '%',
  'etc/passwd',
  'constructor',
  '__proto__',
  'index.html',
  ';',
  '#',
  'a'.repeat(3_000),
  '%c0%ae',
  '%252e',
  '@',
  ':80',
  '*',
  '~',
  '\x80',
  '%0d%0a',
] as const
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'SEARCH', 'PROPFIND'] as const

const path: Kind = (random, credentials) => {
  let path: string = oneOf(random, DOORS)
  for (let left = below(random, 4); left > 0; left--) path += (random() < 0.5 ? '/' : '') + oneOf(random, PARTS)
  if (random() < 0.4)
    path += `?${oneOf(random, ['a=1', '', '?', 'a[]=1&a=2', '__proto__=1', 'query=%7B__typename%7D', '%', `a=${'b'.repeat(5_000)}`, 'version=3.0', '=&=&='])}`
  if (random() < 0.03)
    path =
      oneOf(random, [
        `http://127.0.0.1${path}`,
        `http://evil.example.com${path}`,
        `https://[${path}`,
        '*',
        path.replace(/^\/+/, ''),
      ]) || '/'
  const method = oneOf(random, METHODS)
  const hasBody = method !== 'GET' && method !== 'HEAD' && random() < 0.5
  const headers = headersOf(random, credentials, 'application/json')
  return { what: 'a path', surface: 'docs', request: { method, path, headers, ...(hasBody ? { body: Buffer.from('{}') } : {}) } }
}

/** As much as a body may have, of what is small and wrong. */
const heavy: Kind = (random, credentials) => {
  const part = oneOf(random, ['0', '""', '{}', '[]', 'null', '{"a":0}', '1e999', '[[[]]]', '{"__proto__":0}', '"x"'])
  const many = `[${`${part},`.repeat(Math.floor(10 ** (3 + 3 * random()) / (part.length + 1)))}${part}]`
  const fields = `{${Array.from({ length: 30_000 }, (_, index) => `"k${index}":${part}`).join(',')}}`
  const wrong = random() < 0.8 ? many : fields
  const [input, path, field] = oneOf(random, [
    [`{"text":"a","tags":${wrong}}`, 'catalog/search', 'shopCatalogSearch'],
    [`{"text":"a","either":${wrong}}`, 'catalog/search', 'shopCatalogSearch'],
    [`{"learnerId":"a","items":${wrong}}`, 'orders/place', 'shopOrdersPlace'],
    [`{"name":"a","children":${wrong}}`, 'tree/save', 'shopTreeSave'],
    [fields, 'orders/touch', 'shopOrdersTouch'],
  ] as const)
  const headers = headersOf(random, credentials, 'application/json')
  const what = 'a large body'
  const body = (text: string) => ({ method: 'POST' as const, headers, body: Buffer.from(text) })
  const name = `shop.${path.replace('/', '.')}`
  switch (below(random, 4)) {
    case 0: {
      const query = DOCUMENTS.find(({ query }) => query.includes(`${field}(`))?.query ?? ''
      return {
        what,
        surface: 'graphql',
        request: { ...body(`{"query":${JSON.stringify(query)},"variables":{"input":${input}}}`), path: '/graphql' },
      }
    }
    case 1:
      headers.push(['accept', 'application/json, text/event-stream'], ['mcp-protocol-version', '2025-11-25'])
      return {
        what,
        surface: 'mcp',
        request: {
          ...body(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${input}}}`),
          path: '/mcp',
        },
      }
    case 2: {
      const { path, type } = oneOf(random, INGEST_BODIES)
      headers.push(['content-type', type])
      const text = path === '/events' ? wrong : `{"batch":${wrong},"properties":${wrong.slice(0, 400_000)}}`
      return { what, surface: 'rest', request: { ...body(text), path } }
    }
    default:
      return { what, surface: 'rest', request: { ...body(input), path: `/v1/shop/${path}` } }
  }
}

const raw: Kind = (random, { key }) => rawCase(random, key)

/** How often each kind comes. */
const KINDS: readonly Kind[] = [
  ...Array<Kind>(29).fill(command),
  ...Array<Kind>(14).fill(query),
  ...Array<Kind>(22).fill(ingest),
  ...Array<Kind>(14).fill(graphql),
  ...Array<Kind>(12).fill(mcp),
  ...Array<Kind>(6).fill(path),
  ...Array<Kind>(3).fill(raw),
]
