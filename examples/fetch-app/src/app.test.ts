import { serve } from '@hono/node-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type App, createApp } from './app.ts'

const key = `wm_sk_${'f'.repeat(32)}`
let app: App
let url: string
let close: () => Promise<void>

beforeAll(async () => {
  app = await createApp({ env: { DATABASE_URL: 'sqlite::memory:', WAYMARK_SECRET_KEY: key, LOG_LEVEL: 'silent' } })
  await new Promise<void>((listening) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      url = `http://127.0.0.1:${port}`
      close = async () => {
        await new Promise((closed) => server.close(closed))
        await app.close()
      }
      listening()
    })
  })
})
afterAll(() => close())

it('stands beside the routes that were there, and takes what an event SDK sends', async () => {
  expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: 'world' })
  const batch = [{ type: 'track', event: 'task.done', userId: 'ada', messageId: 'm1', properties: { taskId: 't1' } }]
  const sent = await fetch(`${url}/waymark/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  })
  expect(await sent.json()).toMatchObject({ results: [{ eventId: 'm1', status: 'recorded' }] })
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
})

it('needs no server at all: it is a function from a request to an answer', async () => {
  const progress = await app.fetch(
    new Request('http://app.test/waymark/v1/learning/onboarding/getProgress?learnerId=ada', {
      headers: { authorization: `Bearer ${key}` },
    }),
  )
  expect(await progress.json()).toMatchObject({ xp: 10, tracks: [{ trackId: 'first-task', percent: 100 }] })
})
