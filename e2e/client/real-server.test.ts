import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ClientOptions, createClient } from '@waymark/surface/client'
import { afterEach, describe, expect, it } from 'vitest'
import { contracts } from '../../docs/reference/generated/client.ts'
import { FACTS_EACH, sendFirstEvents } from '../server/first-facts.ts'
import { LEARNER_SECRET, signLearnerToken } from '../server/learner-token.ts'
import { ServerProcess } from '../server/server-process.ts'

const servers: ServerProcess[] = []
const aborting = new Set<AbortController>()
afterEach(async () => {
  for (const controller of aborting) controller.abort()
  for (const server of servers.splice(0)) await server.remove()
})

/** A server that comes back at the same address when it is started again. */
async function start(): Promise<ServerProcess> {
  const env = { WAYMARK_LEARNER_SECRET: LEARNER_SECRET, PORT: String(await freePort()) }
  const server = await ServerProcess.start({ env })
  servers.push(server)
  return server
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as { readonly port: number }
  holder.close()
  await once(holder, 'close')
  return port
}

function connect(
  { url }: ServerProcess,
  credential: NonNullable<ClientOptions['credential']>,
  request: ClientOptions['fetch'] = fetch,
) {
  return createClient({ url, credential, fetch: request }, contracts).learning.onboarding
}

function signal(): AbortSignal {
  const controller = new AbortController()
  aborting.add(controller)
  return controller.signal
}

const event = (learnerId: string, eventName: string, eventPayload: Record<string, unknown>) => ({
  learnerId,
  eventName,
  eventPayload,
})
const pipeline = (learnerId: string) => event(learnerId, 'pipeline.created', { pipelineId: 'p', name: 'New' })

describe('a client of a server', () => {
  it('records, reads, lists and learns what is wrong', async () => {
    const server = await start()
    const client = connect(server, server.key)
    expect(await client.recordEvent(pipeline('ada'))).toMatchObject({ ok: true, data: { duplicate: false } })
    expect(await client.getProgress({ learnerId: 'ada' })).toMatchObject({ ok: true, data: { learnerId: 'ada' } })

    const wrong = await client.recordEvent({ ...pipeline('ada'), trackId: 'frist-week' })
    if (wrong.ok || wrong.error.code !== 'TRACK_NOT_FOUND') throw new Error(JSON.stringify(wrong))
    expect(wrong.error.data.trackId).toBe('frist-week')

    const tracks: string[] = []
    for await (const track of client.listTracks.all({ limit: 1 })) tracks.push(track.ok ? track.data.trackId : track.error.code)
    const whole = await client.listTracks()
    expect(whole.ok && whole.data.items.map(({ trackId }) => trackId)).toEqual(tracks)

    const nobody = connect(server, 'wm_sk_nobody')
    expect(await nobody.listTracks()).toMatchObject({ ok: false, error: { code: 'UNAUTHENTICATED', status: 401 } })
  })

  it('waits for a server that is away, and an event counts once', async () => {
    const server = await start()
    const client = connect(server, server.key)
    await server.end('SIGKILL')
    const retried: string[] = []
    const recording = client.recordEvent(pipeline('ada'), { retries: 50, onRetry: ({ error }) => retried.push(error.code) })
    while (retried.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await server.start()
    expect(await recording).toMatchObject({ ok: true, data: { duplicate: false } })
    expect(new Set(retried)).toEqual(new Set(['SERVER_UNREACHABLE']))
    const events = await client.listEvents({ learnerId: 'ada' })
    expect(events.ok && events.data.items.map(({ eventName }) => eventName)).toEqual(['pipeline.created'])
  })

  it('exports to the end, and then stops by itself', async () => {
    const server = await start()
    const client = connect(server, server.key)
    await client.recordEvent(pipeline('ada'))
    const parts: string[] = []
    for await (const item of client.exportLearner({ learnerId: 'ada' })) parts.push(item.ok ? item.data.part : item.error.code)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.indexOf('manifest')).toBe(parts.length - 1)
  })

  it('follows facts without a gap or a repeat while the server is killed and starts again', async () => {
    const server = await start()
    const opened = Promise.withResolvers<void>()
    const watched = async (url: string, init: RequestInit) => {
      const response = await fetch(url, init)
      if (url.endsWith('/watchFacts') && response.ok) opened.resolve()
      return response
    }
    const client = connect(server, server.key, watched)
    const people = Array.from({ length: 12 }, (_, index) => `person-${index}`)
    const seen: string[] = []
    const follow = async () => {
      for await (const fact of client.watchFacts({}, { signal: signal() })) {
        if (!fact.ok) throw new Error(fact.error.detail)
        seen.push(fact.data.factId)
        if (seen.length === people.length * FACTS_EACH) return
      }
    }
    const following = follow()
    // From now on: what is sent before the stream is open is not followed.
    await opened.promise
    for (const [index, person] of people.entries()) {
      await sendFirstEvents(server, [person])
      if (index % 5 !== 4) continue
      await server.end('SIGKILL')
      await server.start()
    }
    await following
    expect(new Set(seen).size).toBe(people.length * FACTS_EACH)
    const facts: string[] = []
    for await (const fact of client.listFacts.all()) facts.push(fact.ok ? fact.data.factId : fact.error.code)
    expect(new Set(seen)).toEqual(new Set(facts))
  })

  it('goes on with a new token when a stream ends with the old one', async () => {
    const server = await start()
    const backend = connect(server, server.key)
    // The server admits a token for half a minute more; of that a few seconds are left.
    const tokens = [await signLearnerToken('ada', -26), await signLearnerToken('ada')]
    const asked: string[] = []
    const client = connect(server, async () => {
      asked.push(tokens[0] as string)
      return (tokens.length > 1 ? tokens.shift() : tokens[0]) as string
    })
    const facts = client.watchFacts({ learnerId: 'ada' }, { signal: signal() })[Symbol.asyncIterator]()
    const next = facts.next()
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(2)
    await backend.recordEvent(pipeline('ada'))
    expect(await next).toMatchObject({ value: { ok: true, data: { learnerId: 'ada' } } })
  })
})
