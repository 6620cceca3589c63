import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { defineEvent, defineModule, defineQuery, implement } from '@waymark/contract'
import { defineLevels, defineTrack, defineTraits, type Levels, on } from '@waymark/learning-journey'
import { SignJWT } from 'jose'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { tempFolder } from '../test-support/temp-folder.ts'
import { ServerError } from './errors.ts'
import type { DefinitionFile } from './modules/definitions.ts'
import { mergeDefinitions } from './modules/merge-definitions.ts'
import { type RunningServer, type StartOptions, startServer } from './start-server.ts'

const KEY = 'wm_sk_0123456789abcdefghijklmnop'
const IN_MEMORY = { PORT: '0', DATABASE_URL: 'sqlite::memory:', WAYMARK_SECRET_KEY: KEY, LOG_LEVEL: 'silent' }

async function start(options: StartOptions = {}): Promise<RunningServer> {
  const server = await startServer({ cwd: tempFolder(), ...options, env: { ...IN_MEMORY, ...options.env } })
  onTestFinished(() => server.close())
  return server
}

function post(server: RunningServer, path: string, body: unknown, authorization = `Bearer ${server.key}`): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization }
  return fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const record = (server: RunningServer, eventName: string, eventPayload: object) =>
  post(server, '/v1/learning/onboarding/recordEvent', { learnerId: 'ada', eventName, eventPayload })

it('serves the built-in sample, whose six steps bring 135 XP and whose completion brings 50 and a badge', async () => {
  const server = await start()
  expect(server).toMatchObject({ isSample: true, tracks: [{ key: 'first-win', version: '1.0.0' }], unpublished: [] })
  const events: [string, object][] = [
    ['pipeline.created', { pipelineId: 'sales' }],
    ['contact.created', { contactId: 'c1' }],
    ['deal.created', { dealId: 'd1', pipelineId: 'sales', amount: 100 }],
    ['deal.created', { dealId: 'd1', pipelineId: 'sales', amount: 100 }],
    ['deal.created', { dealId: 'd2', pipelineId: 'sales', amount: 200 }],
    ['deal.created', { dealId: 'd3', pipelineId: 'sales', amount: 300 }],
    ['task.completed', { taskId: 't1', kind: 'email' }],
    ['task.completed', { taskId: 't2', kind: 'call' }],
    ['deal.moved', { dealId: 'd1', toStage: 'offer' }],
    ['deal.won', { dealId: 'd1', amount: 100 }],
  ]
  const xp: number[] = []
  for (const [name, payload] of events)
    xp.push(((await (await record(server, name, payload)).json()) as { xpEarned: number }).xpEarned)
  expect(xp).toEqual([10, 15, 0, 0, 0, 30, 0, 20, 20, 90])
  const progress = await post(server, '/v1/learning/onboarding/getProgress', { learnerId: 'ada' })
  expect(await progress.json()).toMatchObject({ xp: 185, badges: ['first-win'], tracks: [{ status: 'completed', percent: 100 }] })
})

it('answers health, readiness and its document, asks for a credential elsewhere, and takes the key as Basic user too', async () => {
  const server = await start()
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ready' })
  expect(await (await fetch(`${server.url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.1' })
  const event = { learnerId: 'ada', eventName: 'deal.won' }
  expect(
    (await fetch(`${server.url}/v1/learning/onboarding/recordEvent`, { method: 'POST', body: JSON.stringify(event) })).status,
  ).toBe(401)
  const track = { userId: 'ada', event: 'pipeline.created', properties: { pipelineId: 'p' }, messageId: 'm1' }
  const answer = await post(server, '/v1/track', track, `Basic ${btoa(`${KEY}:`)}`)
  expect(await answer.json()).toMatchObject({ results: [{ eventId: 'm1', status: 'recorded' }] })
})

it('admits a learner token to what is its own, and to nothing else', async () => {
  const secret = 'a-secret-of-thirty-two-bytes-or-more'
  const server = await start({ env: { WAYMARK_LEARNER_SECRET: secret } })
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ada')
    .setAudience('waymark')
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(Buffer.from(secret))
  const ask = (operation: string, body: object) => post(server, `/v1/learning/onboarding/${operation}`, body, `Bearer ${token}`)
  expect((await ask('getProgress', { learnerId: 'ada' })).status).toBe(200)
  expect((await ask('getProgress', { learnerId: 'bob' })).status).toBe(403)
  expect(
    (await ask('recordEvent', { learnerId: 'ada', eventName: 'deal.won', eventPayload: { dealId: 'd', amount: 1 } })).status,
  ).toBe(403)
  expect((await ask('ingest', { events: [{}] })).status).toBe(403)
  expect((await post(server, '/v1/learning/onboarding/getProgress', { learnerId: 'ada' }, `Bearer ${token}x`)).status).toBe(401)
})

it('serves the definitions of its caller: events, tracks, mappings, and operations with handlers', async () => {
  const meta = { version: '1.0.0', stability: 'stable', owners: ['t'], tags: [], description: 'A test.' } as const
  const BookRead = defineEvent({ meta: { ...meta, key: 'book.read' }, payload: z.object({ isbn: z.string() }) })
  const Hello = defineQuery({
    meta: { ...meta, key: 'library.hello' },
    io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
    policy: { auth: 'anonymous' },
  })
  const library = defineModule({ key: 'library', contracts: [BookRead, Hello] })
  const server = await start({
    definitions: {
      implementations: [implement(library).handlers({ 'library.hello': async ({ input }) => ({ text: `Hello ${input.name}` }) })],
      tracks: [
        defineTrack({ key: 'reader', version: '1.0.0', steps: [{ key: 'read', complete: on(BookRead), reward: { xp: 5 } }] }),
      ],
      mappings: [{ from: 'Book Read', to: 'book.read' }],
    },
  })
  expect(await (await fetch(`${server.url}/v1/library/hello?name=Ada`)).json()).toEqual({ text: 'Hello Ada' })
  await post(server, '/v1/track', { userId: 'ada', event: 'Book Read', properties: { isbn: '1' }, messageId: 'm1' })
  const progress = await post(server, '/v1/learning/onboarding/getProgress', { learnerId: 'ada' })
  expect(await progress.json()).toMatchObject({ xp: 5 })
  expect(server.isSample).toBe(false)
  const twice = implement(library).handlers({ 'library.hello': async () => ({ text: '' }) })
  const again = start({ definitions: { implementations: [twice, twice] } })
  await expect(again).rejects.toMatchObject({
    code: 'DEFINITIONS_INVALID',
    message: expect.stringContaining('implemented twice'),
  })
})

it('serves operations of its caller over GraphQL, and refuses at its start two that would have one name there', async () => {
  const meta = { version: '1.0.0', stability: 'stable', owners: ['t'], tags: [], description: 'A test.' } as const
  const serve = (input: z.ZodObject) => {
    const Hello = defineQuery({
      meta: { ...meta, key: 'library.hello' },
      io: { input, output: z.string() },
      policy: { auth: 'anonymous' },
    })
    const library = defineModule({ key: 'library', contracts: [Hello] })
    const implementation = implement(library).handlers({ 'library.hello': async ({ input }) => `Hello ${Object.values(input)}` })
    return start({ definitions: { implementations: [implementation] } })
  }
  const query = '{ libraryHello(input: { first_name: "Ada" }) }'
  const served = await post(await serve(z.object({ 'first-name': z.string() })), '/graphql', { query })
  expect(await served.json()).toEqual({ data: { libraryHello: 'Hello Ada' } })
  await expect(serve(z.object({ 'first-name': z.string(), first_name: z.string() }))).rejects.toMatchObject({
    code: 'DEFINITIONS_INVALID',
    problems: [expect.stringContaining('"first-name" and "first_name" of the input of library.hello@1.0.0 are both first_name')],
  })
})

it('checks the tracks of its caller against the traits', async () => {
  const traits = defineTraits({ learner: z.object({ plan: z.string() }), account: z.object({}) })
  const tracks = [
    {
      format: 'waymark.track/1' as const,
      key: 'a',
      version: '1.0.0',
      audience: { '/seats': 5 },
      steps: [{ key: 's', complete: { trait: '/plan', is: 'pro' } }],
      enrol: { mode: 'onSegment' as const },
    },
  ]
  await expect(start({ definitions: { tracks, traits } })).rejects.toMatchObject({
    code: 'DEFINITIONS_INVALID',
    problems: [expect.stringContaining('a/audience/~1seats: A learner has no trait /seats.')],
  })
})

it('takes levels from its caller and from one file only', async () => {
  const file = (name: string, levels: Levels): DefinitionFile => ({
    file: name,
    modules: [],
    implementations: [],
    tracks: [],
    mappings: [],
    traits: undefined,
    levels,
  })
  const levels = defineLevels([10])
  const merged = mergeDefinitions([file('a.ts', levels), file('b.ts', levels)])
  expect(merged.ok && merged.definitions.levels).toBe(levels)
  expect(mergeDefinitions([file('a.ts', levels), file('b.ts', defineLevels([20]))])).toMatchObject({
    ok: false,
    problems: [{ file: 'b.ts', message: expect.stringContaining('The levels are declared in a.ts too.') }],
  })
})

it('refuses definitions that contradict each other, with every problem', async () => {
  const BookRead = { event: 'book.read' }
  const track = (key: string) => ({
    format: 'waymark.track/1' as const,
    key,
    version: '1.0.0',
    steps: [{ key: 's', complete: BookRead }],
  })
  const definitions = { tracks: [track('a'), track('a'), track('b')], mappings: [{ from: 'x', to: 'nothing.known' }] }
  const error = await start({ definitions }).catch((thrown: unknown) => thrown as ServerError)
  expect(error).toBeInstanceOf(ServerError)
  expect(error).toMatchObject({ code: 'DEFINITIONS_INVALID' })
  expect((error as ServerError).problems).toEqual([
    expect.stringContaining('The track a@1.0.0 is in'),
    expect.stringContaining('a/steps/0/complete/event: No module declares the event book.read'),
    expect.stringContaining('a/steps/0/complete/event'),
    expect.stringContaining('b/steps/0/complete/event'),
    expect.stringContaining('nothing.known'),
  ])
})

it('keeps what happened when it is started again on the same file, and refuses a changed track of the same version', async () => {
  const cwd = tempFolder()
  const env = { ...IN_MEMORY, DATABASE_URL: 'sqlite:w.db' }
  const first = await startServer({ cwd, env })
  await record(first, 'pipeline.created', { pipelineId: 'p' })
  await first.close()
  const second = await startServer({ cwd, env })
  const progress = await post(second, '/v1/learning/onboarding/getProgress', { learnerId: 'ada' })
  expect(await progress.json()).toMatchObject({ xp: 10 })
  const [track] = second.tracks
  const [module] = [(await import('./sample/crm.ts')).default]
  await second.close()
  const changed = { ...track, completion: { xp: 1 } } as never
  await expect(startServer({ cwd, env, definitions: { modules: [module], tracks: [changed] } })).rejects.toMatchObject({
    code: 'TRACKS_CHANGED',
    message: expect.stringContaining('first-win@1.0.0'),
  })
  const third = await startServer({ cwd, env })
  await third.close()
})

it('with manual publishing serves what there is at the very first start, later no new version, and says which wait', async () => {
  const cwd = tempFolder()
  const env = { ...IN_MEMORY, DATABASE_URL: 'sqlite:w.db', WAYMARK_PUBLISH: 'manual' }
  const first = await startServer({ cwd, env })
  expect(first).toMatchObject({ tracks: [{ key: 'first-win', version: '1.0.0' }], unpublished: [] })
  const [track] = first.tracks
  await first.close()
  const modules = [(await import('./sample/crm.ts')).default]
  const next = { ...track, version: '1.1.0' } as never
  const second = await startServer({ cwd, env, definitions: { modules, tracks: [next] } })
  expect(second).toMatchObject({ tracks: [{ version: '1.0.0' }], unpublished: [{ key: 'first-win', version: '1.1.0' }] })
  await second.close()
})

it('names a taken port, and lets go of the database then', async () => {
  const taken = await listen()
  const { port } = taken.address() as { port: number }
  const cwd = tempFolder()
  const env = { ...IN_MEMORY, DATABASE_URL: 'sqlite:w.db' }
  await expect(startServer({ cwd, env: { ...env, PORT: String(port) } })).rejects.toMatchObject({
    code: 'ADDRESS_TAKEN',
    message: `Port ${port} of 127.0.0.1 is taken by another program. Stop it, or choose another port with PORT, e.g. PORT=${port + 1}.`,
  })
  const server = await startServer({ cwd, env })
  await server.close()
})

it('reports an address that is not of this machine', async () => {
  await expect(start({ env: { HOST: '192.0.2.1' } })).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' })
})

it('finishes the request in flight before it closes, takes no more, and closes once', async () => {
  const server = await startServer({ cwd: tempFolder(), env: IN_MEMORY })
  const body = JSON.stringify({ learnerId: 'ada', eventName: 'pipeline.created', eventPayload: { pipelineId: 'p' } })
  const call = request(`${server.url}/v1/learning/onboarding/recordEvent`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  })
  call.flushHeaders()
  await once(call, 'continue')
  const closing = server.close()
  expect(server.close()).toBe(closing)
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  call.end(body)
  const [response] = await once(call, 'response')
  expect(response.statusCode).toBe(200)
  response.resume()
  await closing
})

async function listen(): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return server
}

it('lets pages of the origins that are set call every surface, and says so on each answer', async () => {
  const origin = 'https://app.example.com'
  const server = await start({ env: { WAYMARK_CORS_ORIGINS: `http://localhost:5173,${origin}` } })
  const authorization = `Bearer ${server.key}`
  const ask = (path: string, headers: Record<string, string>, body?: object) =>
    new Promise<readonly [status: number | undefined, origin: string | undefined]>((resolve, reject) => {
      const all = { origin, authorization, 'content-type': 'application/json', ...headers }
      const sent = request(`${server.url}${path}`, { method: body === undefined ? 'GET' : 'POST', headers: all }, (response) => {
        response.on('error', () => {})
        resolve([response.statusCode, response.headers['access-control-allow-origin']])
        // A stream has no end to wait for.
        response.destroy()
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const mcp = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }
  expect(await ask('/v1/learning/onboarding/getProgress', {}, { learnerId: 'ada' })).toEqual([200, origin])
  expect(await ask('/v1/learning/onboarding/getProgress', { authorization: 'Bearer no' }, {})).toEqual([401, origin])
  expect(await ask('/v1/learning/onboarding/watchFacts', { accept: 'text/event-stream' })).toEqual([200, origin])
  expect(await ask('/graphql', {}, { query: '{ __typename }' })).toEqual([200, origin])
  expect(await ask('/mcp', mcp, ping)).toEqual([200, origin])
  expect(await ask('/mcp', { ...mcp, origin: 'https://evil.test' }, ping)).toEqual([403, undefined])
  expect(await ask('/v1/batch', {}, { batch: [] })).toEqual([200, origin])
  expect(await ask('/docs/', {})).toEqual([200, origin])
  expect(await ask('/v1/batch', { origin: 'https://evil.test' }, { batch: [] })).toEqual([200, undefined])
})
