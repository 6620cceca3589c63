/** The SDKs of others reach a mount by their own options for an address with a path. */
import Rudder from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { toExpress } from '@waymark/surface/mount'
import express from 'express'
import { PostHog } from 'posthog-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFixture, type Fixture } from '../../packages/surface/test-support/fixture.ts'
import { listen, type RunningHost } from './hosts.ts'

let fixture: Fixture
let host: RunningHost

beforeAll(async () => {
  fixture = createFixture()
  const mounted = express().use(express.Router().use('/app', toExpress(fixture.rest)))
  host = await listen(mounted.use(express.json()))
})
afterAll(() => host.close())

it.each<[string, (url: string) => Promise<unknown>]>([
  [
    'segment',
    (url) => {
      const analytics = new Analytics({ writeKey: 'service', host: url, path: '/app/v1/batch' })
      analytics.track({ userId: 'u1', event: 'e' })
      return analytics.closeAndFlush()
    },
  ],
  [
    'segment',
    async (url) => {
      const rudder = new Rudder('service', { dataPlaneUrl: `${url}/app`, flushAt: 1, gzip: true })
      rudder.track({ userId: 'u1', event: 'e' })
      await rudder.flush()
    },
  ],
  [
    'posthog',
    (url) => {
      const postHog = new PostHog('service', { host: `${url}/app`, flushAt: 1 })
      postHog.capture({ distinctId: 'u1', event: 'e' })
      return postHog.shutdown()
    },
  ],
])('by the endpoints of %s', async (channel, send) => {
  fixture.ingested.length = 0
  await send(host.url)
  expect(fixture.ingested).toMatchObject([{ channel, events: [{ type: 'event', eventName: 'e', learnerId: 'u1' }] }])
})
