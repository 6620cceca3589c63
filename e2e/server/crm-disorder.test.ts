import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Analytics } from '@segment/analytics-node'
import { afterEach, describe, expect, it } from 'vitest'
import { firstDays, type ProductEvent } from '../../examples/crm/src/first-days.ts'
import { ServerProcess } from './server-process.ts'

const start = Date.now() - 3 * 86_400_000
let server: ServerProcess | undefined

afterEach(() => server?.remove())

describe('the six events of a CRM, through the unmodified Segment SDK', () => {
  it('complete the track when they come in order', async () => {
    server = await ServerProcess.start()
    await send(server, firstDays('ann', start))
    await expectComplete(server)
  })

  it('give the same in reverse order, each sent three times, with a kill in the middle, a restart and everything sent again', async () => {
    server = await ServerProcess.start()
    const events = firstDays('ann', start)
      .reverse()
      .flatMap((event) => [event, event, event])
    await send(server, events.slice(0, 8))
    // Some of these are in flight when the process dies; whoever sends does not know which were recorded.
    const inFlight = send(server, events.slice(8), { retries: 0 }).catch(() => {})
    await server.end('SIGKILL')
    await inFlight
    await server.start()
    await send(server, events)
    await expectComplete(server)
  })
})

async function send({ url, key }: ServerProcess, events: readonly ProductEvent[], { retries = 3 } = {}): Promise<void> {
  const analytics = new Analytics({ writeKey: key, host: url, flushAt: 1, maxRetries: retries })
  // Without a listener the SDK prints what it could not deliver; here the promise of each event tells.
  analytics.on('error', () => {})
  try {
    for (const { messageId, event, properties, timestamp } of events) {
      await new Promise<void>((resolve, reject) => {
        analytics.track({ userId: 'ann', event, properties, messageId, timestamp }, (error) =>
          error ? reject(error) : resolve(),
        )
      })
    }
  } finally {
    await analytics.closeAndFlush({ timeout: 1_000 })
  }
}

async function expectComplete(server: ServerProcess): Promise<void> {
  const { body } = await server.call('getProgress', { learnerId: 'ann' })
  expect(body).toMatchObject({ xp: 185, badges: ['first-win'], tracks: [{ percent: 100, status: 'completed' }] })
  await server.end('SIGTERM')
  const database = new DatabaseSync(join(server.folder, '.waymark', 'waymark.db'), { readOnly: true })
  const facts = database.prepare("select name, data from fact where subject = 'l:ann'").all() as { name: string; data: string }[]
  const entries = database.prepare("select count(*) as count from event where subject = 'l:ann'").get() as { count: number }
  database.close()
  const granted = facts
    .filter(({ name }) => name === 'learning.onboarding.xp.granted')
    .map(({ data }) => (JSON.parse(data) as { xp: number }).xp)
  expect(granted.sort()).toEqual([15, 15, 20, 20, 25, 40, 50])
  expect(granted.reduce((sum, xp) => sum + xp)).toBe(body.xp)
  expect(facts.filter(({ name }) => name === 'learning.onboarding.step.completed')).toHaveLength(6)
  expect(facts.filter(({ name }) => name === 'learning.onboarding.track.completed')).toHaveLength(1)
  expect(entries.count).toBe(6)
}
