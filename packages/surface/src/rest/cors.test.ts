import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type NodeServer, type ServeOptions, serveNode } from './node.ts'

const ORIGIN = 'https://app.example.com'
let server: NodeServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function open(options: Partial<ServeOptions> = {}, headers: Record<string, string> = {}): Promise<string[]> {
  const reached: string[] = []
  const handler = ({ method }: Request) => {
    reached.push(method)
    return new Response('answer', { headers: { 'x-request-id': 'r1', ...headers } })
  }
  server = await serveNode(handler, { host: '127.0.0.1', port: 0, corsOrigins: [ORIGIN], ...options })
  return reached
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
}

/** Browsers alone may set these headers, so `fetch` cannot send them. */
function send(method: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(server?.url ?? '', { method, headers }, (response) => {
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
    })
      .on('error', reject)
      .end(body)
  })
}

const granted = ({ headers }: Answer) => headers['access-control-allow-origin']
const preflight = (origin: string, more: Record<string, string> = {}) =>
  send('OPTIONS', { origin, 'access-control-request-method': 'POST', ...more })

describe('a browser that asks before it calls', () => {
  it('is told the methods and every header that it named, and to remember it', async () => {
    const reached = await open()
    const sent = 'authorization,content-type,ce-learnerid,idempotency-key'
    const answer = await preflight(ORIGIN, { 'access-control-request-headers': sent })
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'GET, HEAD, POST',
        'access-control-allow-headers': sent,
        'access-control-max-age': '7200',
        vary: 'access-control-request-headers, origin',
      },
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    expect(reached).toEqual([])
  })

  it('gets no header that it did not name', async () => {
    await open()
    expect((await preflight(ORIGIN)).headers).not.toHaveProperty('access-control-allow-headers')
  })

  it.each([
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://evil-app.example.com',
    'https://app.example.com.evil.test',
    'null',
    '',
  ])('is told nothing for the origin %j', async (origin) => {
    const reached = await open()
    const answer = await preflight(origin)
    expect(granted(answer)).toBeUndefined()
    expect(answer.headers).not.toHaveProperty('access-control-allow-methods')
    expect(reached).toEqual(['OPTIONS'])
  })
})

describe('an answer', () => {
  it('may be read by a page of the origin, with the headers that clients read', async () => {
    const reached = await open()
    const answer = await send('POST', { origin: ORIGIN }, '{}')
    expect(granted(answer)).toBe(ORIGIN)
    expect(String(answer.headers['access-control-expose-headers']).split(', ')).toEqual(
      expect.arrayContaining(['x-request-id', 'idempotency-replayed', 'retry-after', 'deprecation', 'sunset', 'link']),
    )
    expect(reached).toEqual(['POST'])
  })

  it('may be read as well when it refuses the request before anything else sees it', async () => {
    await open({ bodyLimit: 10 })
    const answer = await send('POST', { origin: ORIGIN }, 'x'.repeat(11))
    expect([answer.status, granted(answer)]).toEqual([413, ORIGIN])
  })

  it('differs by origin for every cache, besides what it differs by already', async () => {
    await open({}, { vary: 'accept' })
    const answers = [
      await send('GET', {}),
      await send('GET', { origin: 'https://evil.test' }),
      await send('GET', { origin: ORIGIN }),
    ]
    expect(answers.map(granted)).toEqual([undefined, undefined, ORIGIN])
    expect(answers.map(({ headers }) => headers.vary)).toEqual(['accept, origin', 'accept, origin', 'accept, origin'])
  })

  it('says nothing of origins where none is admitted', async () => {
    await open({ corsOrigins: [] })
    const answer = await send('GET', { origin: ORIGIN })
    expect([granted(answer), answer.headers.vary]).toEqual([undefined, undefined])
  })
})
