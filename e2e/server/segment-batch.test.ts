import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ServerProcess } from './server-process.ts'

let server: ServerProcess

beforeAll(async () => {
  server = await ServerProcess.start()
})
afterAll(() => server.remove())

it('answers a batch of 100 with one invalid and one unmatched event: 98 recorded, both named, none lost', async () => {
  const batch = Array.from({ length: 100 }, (_, index) => ({
    type: 'track',
    messageId: `m-${index}`,
    userId: `person-${index % 7}`,
    event: 'task.completed',
    properties: { taskId: `t-${index}`, kind: 'call' },
    timestamp: new Date().toISOString(),
  }))
  batch[40] = { ...(batch[40] as (typeof batch)[number]), properties: { taskId: 't-40', kind: 'seance' } }
  batch[60] = { ...(batch[60] as (typeof batch)[number]), event: 'report.exported', properties: {} as never }
  const answer = await post(batch)
  expect(answer.status).toBe(200)
  const { success, results } = answer.body
  expect(success).toBe(true)
  expect(results).toHaveLength(100)
  expect(results.filter(({ status }) => status === 'recorded')).toHaveLength(98)
  expect(results[40]).toMatchObject({
    index: 40,
    eventId: 'm-40',
    status: 'invalid',
    problem: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/eventPayload/kind' }] },
  })
  expect(results[60]).toMatchObject({ index: 60, eventId: 'm-60', status: 'unmatched' })
  const explained = await server.call('explain', { learnerId: 'person-4', eventId: 'm-60' })
  expect(explained).toMatchObject({ status: 200, body: { event: { eventName: 'report.exported', channel: 'segment' } } })
  const rejected = await server.call('listRejected', {})
  expect(rejected.body.items).toMatchObject([
    { eventId: 'm-40', eventName: 'task.completed', channel: 'segment', problem: { code: 'VALIDATION_FAILED' } },
  ])
  const repeat = await post(batch)
  expect(repeat.body.results.filter(({ status }) => status === 'duplicate')).toHaveLength(99)
})

it('stores identify, group and alias of the SDK as entries of the person', async () => {
  const analytics = new Analytics({ writeKey: server.key, host: server.url, flushAt: 4 })
  analytics.identify({ userId: 'eve', traits: { plan: 'pro' }, messageId: 'i-1' })
  analytics.group({ userId: 'eve', groupId: 'acme', traits: { seats: 3 }, messageId: 'g-1' })
  analytics.alias({ userId: 'eve', previousId: 'anon:1', messageId: 'a-1' })
  analytics.track({ userId: 'eve', event: 'task.completed', properties: { taskId: 't', kind: 'mail' }, messageId: 't-1' })
  await analytics.closeAndFlush()
  for (const [eventId, eventName] of [
    ['i-1', 'waymark.identified'],
    ['g-1', 'waymark.grouped'],
    ['t-1', 'task.completed'],
  ]) {
    expect((await server.call('explain', { learnerId: 'eve', eventId })).body.event).toMatchObject({ eventName })
  }
  const merged = await server.call('listEvents', { learnerId: 'eve', eventName: 'waymark.merged' })
  expect(merged.body.items.at(0)).toMatchObject({ eventName: 'waymark.merged', channel: 'segment' })
})

async function post(batch: unknown) {
  const response = await fetch(`${server.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${server.key}:`).toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  })
  return {
    status: response.status,
    body: (await response.json()) as { success: boolean; results: { index: number; status: string; eventId: string }[] },
  }
}
