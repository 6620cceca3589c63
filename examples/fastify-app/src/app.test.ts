import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp } from './app.ts'

const key = `wm_sk_${'f'.repeat(32)}`
let app: FastifyInstance
let url: string

beforeAll(async () => {
  app = await createApp({ env: { DATABASE_URL: 'sqlite::memory:', WAYMARK_SECRET_KEY: key, LOG_LEVEL: 'silent' } })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => app.close())

it('stands beside the routes that were there, and takes what an event SDK sends', async () => {
  expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: 'world' })
  const batch = [{ type: 'track', event: 'task.done', userId: 'ada', messageId: 'm1', properties: { taskId: 't1' } }]
  const sent = await fetch(`${url}/waymark/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  })
  expect(await sent.json()).toMatchObject({ results: [{ eventId: 'm1', status: 'recorded' }] })
  const progress = await fetch(`${url}/waymark/v1/learning/onboarding/getProgress?learnerId=ada`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect(await progress.json()).toMatchObject({ xp: 10, tracks: [{ trackId: 'first-task', percent: 100 }] })
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
})
