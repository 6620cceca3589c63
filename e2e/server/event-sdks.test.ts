/** The SDKs of others, as they are, drive the sample's track to its end; and once more where the first answer to each of them is a 500. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import Rudder from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { CloudEvent, emitterFor } from 'cloudevents'
import { PostHog } from 'posthog-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from './server-process.ts'

interface Call {
  readonly event: string
  readonly properties: Record<string, string | number>
}

/** All that the track asks for, and one event that it does not listen to. */
const CALLS: readonly Call[] = [
  { event: 'pipeline.created', properties: { pipelineId: 'p1' } },
  { event: 'contact.created', properties: { contactId: 'c1' } },
  ...['d1', 'd2', 'd3'].map((dealId) => ({ event: 'deal.created', properties: { dealId, pipelineId: 'p1', amount: 10 } })),
  { event: 'task.completed', properties: { taskId: 't1', kind: 'call' } },
  { event: 'deal.moved', properties: { dealId: 'd1', toStage: 'offer' } },
  { event: 'deal.won', properties: { dealId: 'd1', amount: 10 } },
]

let server: ServerProcess
let proxy: Proxy

beforeAll(async () => {
  const sample = fileURLToPath(new URL('../../apps/server/src/sample/crm.ts', import.meta.url))
  server = await ServerProcess.start({ modules: sample })
  proxy = await startProxy(server.url)
})
afterAll(async () => {
  proxy.close()
  await server.remove()
})

interface Client {
  readonly name: string
  readonly channel: string
  /** Sends all calls for one learner; resolves when the SDK says that they have left. */
  readonly send: (url: string, learnerId: string) => Promise<void>
}

const CLIENTS: readonly Client[] = [
  {
    name: '@segment/analytics-node',
    channel: 'segment',
    async send(url, userId) {
      const analytics = new Analytics({ writeKey: server.key, host: url, flushAt: CALLS.length })
      for (const call of CALLS) analytics.track({ userId, ...call })
      await analytics.closeAndFlush()
    },
  },
  {
    name: '@rudderstack/rudder-sdk-node, compressed',
    channel: 'segment',
    async send(url, userId) {
      const rudder = new Rudder(server.key, { dataPlaneUrl: url, flushAt: CALLS.length + 1, gzip: true })
      for (const call of CALLS) rudder.track({ userId, ...call })
      await rudder.flush()
    },
  },
  {
    name: 'posthog-node, compressed',
    channel: 'posthog',
    async send(url, distinctId) {
      const postHog = new PostHog(server.key, { host: url, flushAt: CALLS.length + 1, fetchRetryDelay: 1 })
      for (const call of CALLS) postHog.capture({ distinctId, ...call })
      await postHog.shutdown()
    },
  },
  ...(['binary', 'structured'] as const).map(
    (mode): Client => ({
      name: `cloudevents, ${mode}`,
      channel: 'cloudevents',
      async send(url, subject) {
        // The SDK leaves sending, and with it sending again, to its host.
        const emit = emitterFor(
          async ({ headers, body }) => sendUntilTaken(`${url}/events`, headers as Record<string, string>, body),
          {
            mode,
          } as never,
        )
        for (const { event, properties } of CALLS) {
          await emit(new CloudEvent({ type: event, source: '/crm', subject, data: properties }))
        }
      },
    }),
  ),
]

describe.each(CLIENTS)('$name', ({ name, channel, send }) => {
  it('brings a learner to the end of the track', async () => {
    await send(server.url, `${name} 1`)
    await expectFinished(`${name} 1`, channel)
  })

  it('counts nothing twice where an answer is lost and the SDK sends again', async () => {
    proxy.lose(1)
    await send(proxy.url, `${name} 2`)
    expect(proxy.lost).toBe(1)
    await expectFinished(`${name} 2`, channel)
  })
})

it('a batch of CloudEvents is written as the SDK writes it', async () => {
  const events = CALLS.map(
    ({ event, properties }) => new CloudEvent({ type: event, source: '/crm', subject: 'batch', data: properties }),
  )
  await sendUntilTaken(`${server.url}/events`, { 'content-type': 'application/cloudevents-batch+json' }, events)
  await expectFinished('batch', 'cloudevents')
})

describe('people and accounts', () => {
  it('are told by posthog-node as they are by Segment', async () => {
    const postHog = new PostHog(server.key, { host: server.url, flushAt: 20 })
    postHog.capture({ distinctId: 'visitor', event: 'pipeline.created', properties: { pipelineId: 'p1' }, uuid: 'e-1' } as never)
    postHog.identify({ distinctId: 'eve', properties: { $set: { plan: 'pro' }, $anon_distinct_id: 'visitor' } })
    postHog.capture({ distinctId: 'old-eve', event: 'contact.created', properties: { contactId: 'c1' } })
    postHog.alias({ distinctId: 'eve', alias: 'old-eve' })
    postHog.groupIdentify({ groupType: 'company', groupKey: 'acme', properties: { seats: 3 } })
    postHog.groupIdentify({ groupType: 'company', groupKey: 'acme', distinctId: 'eve' })
    postHog.capture({
      distinctId: 'eve',
      event: 'task.completed',
      properties: { taskId: 't1', kind: 'call', $set: { role: 'owner' } },
      groups: { company: 'acme', team: 'north' },
    })
    await postHog.shutdown()
    const { body } = await server.call('getProgress', { learnerId: 'eve' })
    expect(body.tracks[0].steps.filter(({ status }: { status: string }) => status === 'completed')).toHaveLength(3)
    const events = (await server.call('listEvents', { learnerId: 'eve' })).body.items as {
      eventName: string
      accountId: string
    }[]
    expect(events.map(({ eventName }) => eventName).sort()).toEqual([
      'contact.created',
      'pipeline.created',
      'task.completed',
      'waymark.grouped',
      'waymark.identified',
      'waymark.identified',
      'waymark.merged',
      'waymark.merged',
    ])
    const task = events.find(({ eventName }) => eventName === 'task.completed')
    expect(task).toMatchObject({ inAccount: 'acme', channel: 'posthog', eventPayload: { taskId: 't1', kind: 'call' } })
    const rejected = await server.call('listRejected', {})
    expect(rejected.body.items).toEqual([])
  })

  it('that RudderStack names are members', async () => {
    const rudder = new Rudder(server.key, { dataPlaneUrl: server.url, flushAt: 20, gzip: true })
    rudder.identify({ userId: 'rio', traits: { plan: 'pro' } })
    rudder.group({ userId: 'rio', groupId: 'acme', traits: { seats: 3 } })
    rudder.page({ userId: 'rio', name: 'Home' })
    rudder.screen({ userId: 'rio', name: 'Home' })
    await rudder.flush()
    const events = (await server.call('listEvents', { learnerId: 'rio' })).body.items as { eventName: string }[]
    expect(events.map(({ eventName }) => eventName).sort()).toEqual(['waymark.grouped', 'waymark.identified'])
    const unknown = (await server.call('listUnknownEvents', {})).body.items as { eventName: string }[]
    expect(unknown.map(({ eventName }) => eventName).sort()).toEqual(['page', 'screen'])
  })
})

async function expectFinished(learnerId: string, channel: string): Promise<void> {
  const { body } = await server.call('getProgress', { learnerId })
  expect(body).toMatchObject({ xp: 185, tracks: [{ trackId: 'first-win', percent: 100 }] })
  const events = (await server.call('listEvents', { learnerId })).body.items as { channel: string }[]
  expect(events.map((event) => event.channel)).toEqual(CALLS.map(() => channel))
}

async function sendUntilTaken(url: string, headers: Record<string, string>, body: unknown): Promise<void> {
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${server.key}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    await response.arrayBuffer()
    if (response.status < 500) return expect(response.status).toBe(200)
  }
}

interface Proxy {
  readonly url: string
  /** How many answers were lost since `lose`. */
  readonly lost: number
  /** The next answers are replaced by a 500, after the server did what was asked. */
  lose(answers: number): void
  close(): void
}

async function startProxy(target: string): Promise<Proxy> {
  let left = 0
  let lost = 0
  const http: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method as string,
      headers: headers as Record<string, string>,
      body: Buffer.concat(chunks),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (left > 0) {
      left -= 1
      lost += 1
      response.writeHead(500).end()
      return
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(bytes)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get lost() {
      return lost
    },
    lose(answers) {
      left = answers
      lost = 0
    },
    close() {
      http.close()
      http.closeAllConnections()
    },
  }
}
