import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startWaymark } from '../../apps/server/test-support/waymark.ts'
import { LEARNER_SECRET, signLearnerToken } from '../server/learner-token.ts'
import { ServerProcess } from '../server/server-process.ts'

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))
const revisions = ['2025-11-25', '2026-07-28'] as const
let server: ServerProcess

beforeAll(async () => {
  server = await ServerProcess.start({ env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
})
afterAll(() => server.remove())

const options = (revision: (typeof revisions)[number]): ClientOptions =>
  revision === '2026-07-28' ? { versionNegotiation: { mode: { pin: revision } } } : {}

/** The official client, over HTTP. */
async function overHttp(revision: (typeof revisions)[number], credential = server.key): Promise<Client> {
  const client = new Client({ name: 'a test', version: '1.0.0' }, options(revision))
  const requestInit = { headers: { authorization: `Bearer ${credential}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }))
  onTestFinished(() => client.close())
  return client
}

/** The official client, over the pipes of `waymark mcp`. */
async function overStdio(revision: (typeof revisions)[number], env: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'a test', version: '1.0.0' }, options(revision))
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--conditions=@waymark/source', main, 'mcp'],
    cwd: server.folder,
    env: { PATH: process.env.PATH ?? '', WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key, ...env },
    stderr: 'ignore',
  })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

describe.each([
  ['over HTTP', overHttp],
  ['over stdio', overStdio],
] as const)('the official client %s', (way, connect) => {
  it.each(revisions)('records an event and reads the progress that follows from it, in revision %s', async (revision) => {
    const client = await connect(revision)
    expect(client.getNegotiatedProtocolVersion()).toBe(revision)
    expect(client.getServerVersion()).toMatchObject({ name: 'waymark', title: 'Waymark' })
    expect(client.getInstructions()).toContain('learning.onboarding.recordEvent')

    // It checks structured content against the output schema of each tool that it has listed.
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('learning.onboarding.getProgress')
    const learnerId = `${way} ${revision}`
    const recorded = await client.callTool({
      name: 'learning.onboarding.recordEvent',
      arguments: { learnerId, eventName: 'pipeline.created', eventPayload: { pipelineId: 'p-1', name: 'New business' } },
    })
    expect(recorded.structuredContent).toMatchObject({ success: true, xpEarned: 20 })
    const progress = await client.callTool({ name: 'learning.onboarding.getProgress', arguments: { learnerId } })
    expect(progress.structuredContent).toMatchObject({ learnerId, xp: 20 })
    expect(JSON.parse((progress.content as { text: string }[])[0]?.text ?? '')).toEqual(progress.structuredContent)
  })

  it.each(revisions)(
    'gets a problem as a result that says so, and an unknown tool as an error, in revision %s',
    async (revision) => {
      const client = await connect(revision)
      const wrong = await client.callTool({ name: 'learning.onboarding.recordEvent', arguments: { learnerId: 'a' } })
      expect(wrong).toMatchObject({
        isError: true,
        structuredContent: { code: 'VALIDATION_FAILED', status: 422, errors: [{ pointer: '/eventName' }] },
      })
      await expect(client.callTool({ name: 'learning.onboarding.guess', arguments: {} })).rejects.toMatchObject({ code: -32_602 })
    },
  )

  it.each(revisions)('lists and reads contracts and tracks, in revision %s', async (revision) => {
    const client = await connect(revision)
    const { resources } = await client.listResources()
    const uris = resources.map(({ uri }) => uri)
    expect(uris).toEqual(expect.arrayContaining(['waymark://contracts/deal.created@1.0.0', 'waymark://tracks/first-win']))
    const read = async (uri: string) => {
      const { contents } = await client.readResource({ uri })
      return JSON.parse((contents[0] as { text: string }).text)
    }
    expect(await read('waymark://tracks/first-win')).toMatchObject({ trackId: 'first-win', steps: expect.any(Array) })
    expect(await read('waymark://contracts/learning.onboarding.recordEvent')).toMatchObject({
      id: 'learning.onboarding.recordEvent@1.0.0',
      tool: 'learning.onboarding.recordEvent',
    })
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'waymark://contracts/{id}',
      'waymark://tracks/{key}',
    ])
    // Over HTTP and stdio alike, and with a name that no header carries as it is.
    await expect(client.readResource({ uri: 'waymark://tracks/ä' })).rejects.toMatchObject({ code: -32_602 })
  })

  it.each(revisions)('reads a stream to its end, or as far as it has come, in revision %s', async (revision) => {
    const client = await connect(revision)
    const learnerId = `stream, ${way} ${revision}`
    const event = { learnerId, eventName: 'pipeline.created', eventPayload: { pipelineId: 'p-1', name: 'New business' } }
    const { structuredContent: before } = await client.callTool({
      name: 'learning.onboarding.watchFacts',
      arguments: { learnerId },
    })
    expect(before).toEqual({ items: [], nextCursor: expect.any(String) })
    await client.callTool({ name: 'learning.onboarding.recordEvent', arguments: event })
    const { nextCursor } = before as { readonly nextCursor: string }
    const { structuredContent: then } = await client.callTool({
      name: 'learning.onboarding.watchFacts',
      arguments: { learnerId, after: nextCursor },
    })
    const names = (then as { items: { name: string }[] }).items.map(({ name }) => name)
    expect(names).toContain('learning.onboarding.step.completed')
    const { structuredContent: exported } = await client.callTool({
      name: 'learning.onboarding.exportLearner',
      arguments: { learnerId },
    })
    expect(exported).toMatchObject({ nextCursor: null, items: expect.arrayContaining([expect.anything()]) })
  })
})

describe('a learner token', () => {
  it('shows what a learner may call, and lets them ask about themselves alone', async () => {
    const client = await overHttp('2025-11-25', await signLearnerToken('ada'))
    const { tools } = await client.listTools()
    const names = tools.map(({ name }) => name)
    expect(names).toContain('learning.onboarding.getProgress')
    expect(names).not.toContain('learning.onboarding.ingest')
    expect(names).not.toContain('learning.onboarding.eraseLearner')
    const own = await client.callTool({ name: 'learning.onboarding.getProgress', arguments: { learnerId: 'ada' } })
    expect(own.isError).toBeUndefined()
    const other = await client.callTool({ name: 'learning.onboarding.getProgress', arguments: { learnerId: 'bob' } })
    expect(other).toMatchObject({ isError: true, structuredContent: { code: 'FORBIDDEN' } })
    const hidden = await client.callTool({ name: 'learning.onboarding.listRejected', arguments: {} })
    expect(hidden).toMatchObject({ isError: true, structuredContent: { code: 'FORBIDDEN' } })
  })
})

describe('POST /mcp', () => {
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
  const headers = () => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${server.key}`,
  })
  const post = (more: Record<string, string>, url = server.url) =>
    fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers(), ...more }, body: ping })

  it('wants a credential, and one of this server', async () => {
    expect((await post({})).status).toBe(200)
    const { authorization: _, ...bare } = headers()
    const unknown = await fetch(`${server.url}/mcp`, { method: 'POST', headers: bare, body: ping })
    expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await unknown.json()).toMatchObject({ code: 'UNAUTHENTICATED', detail: expect.stringContaining('Authorization') })
    for (const authorization of ['', 'Bearer wm_sk_somebody-elses-key-of-32-characters', 'Bearer a.b.c']) {
      const { status, headers } = await post({ authorization })
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
  })

  it('refuses a token that is for another audience', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const token = await new SignJWT({ iat: now, exp: now + 900 })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('ada')
      .setAudience('elsewhere')
      .sign(new TextEncoder().encode(LEARNER_SECRET))
    const response = await post({ authorization: `Bearer ${token}` })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED', detail: expect.stringContaining('aud') })
  })

  it('is not answered to pages of elsewhere, and has no other methods', async () => {
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ origin: 'http://localhost:8080' })).status).toBe(200)
    const response = await fetch(`${server.url}/mcp`, { headers: headers() })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'OPTIONS, POST'])
  })

  it('is answered by any name where the server listens for others, too', async () => {
    const open = await ServerProcess.start({ env: { HOST: '0.0.0.0' } })
    onTestFinished(() => open.remove())
    const authorization = `Bearer ${open.key}`
    expect((await post({ authorization, origin: 'https://assistant.example' }, open.url)).status).toBe(200)
  })
})

describe('waymark mcp', () => {
  it('says so when the server goes away, and goes on when it is there again', async () => {
    const passing = await ServerProcess.start({ env: { PORT: await freePort() } })
    onTestFinished(() => passing.remove())
    const client = await overStdio('2025-11-25', { WAYMARK_URL: passing.url, WAYMARK_SECRET_KEY: passing.key })
    const progress = () => client.callTool({ name: 'learning.onboarding.getProgress', arguments: { learnerId: 'ada' } })
    expect((await progress()).isError).toBeUndefined()
    await passing.end('SIGTERM')
    await expect(progress()).rejects.toMatchObject({ code: -32_603, message: expect.stringContaining('No server answers') })
    await passing.start()
    expect((await progress()).isError).toBeUndefined()
  })

  it('says why it cannot start, on stderr and by its exit code', async () => {
    const run = (env: Record<string, string>) => startWaymark(['mcp'], { cwd: server.folder, env }).finished
    const key = { WAYMARK_SECRET_KEY: server.key }
    expect(await run({ ...key, WAYMARK_URL: 'http://127.0.0.1:1' })).toMatchObject({ code: 7, stdout: '' })
    const stranger = { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: `wm_sk_${'x'.repeat(30)}` }
    expect(await run(stranger)).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('UNAUTHENTICATED') })
  })

  it('refuses parameters that are nested deeper than the stack, as the mistake of who sent them', async () => {
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a test', version: '1.0.0' } }
    const deep = `${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}`
    const input = [
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize }),
      `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"learning.onboarding.getProgress","arguments":${deep}}}`,
    ]
    const env = { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key }
    const { code, stdout } = await startWaymark(['mcp'], { cwd: server.folder, env, input: `${input.join('\n')}\n` }).finished
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(code).toBe(0)
    expect(answers.find(({ id }) => id === 2)).toMatchObject({
      error: { code: -32_602, message: expect.stringContaining('too deep') },
    })
  })

  it('ends when its input does', async () => {
    const env = { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key }
    expect(await startWaymark(['mcp'], { cwd: server.folder, env }).finished).toMatchObject({ code: 0, stdout: '' })
  })
})

/** A port that nobody listens on, so that a server can have it twice. */
async function freePort(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return String(port)
}
