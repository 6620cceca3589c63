import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp } from './app.ts'

let server: Server
let url: string
let close: () => Promise<void>
const key = `wm_sk_${'e'.repeat(32)}`
const service = { authorization: `Bearer ${key}` }

beforeAll(async () => {
  const env = { DATABASE_URL: 'sqlite::memory:', WAYMARK_SECRET_KEY: key, LOG_LEVEL: 'silent' }
  const { app, waymark } = await createApp({ env })
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = waymark.close
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  await close()
})

const addDeal = (amount: number) =>
  fetch(`${url}/deals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ owner: 'ada', amount }),
  })

it('moves a person forward by what the routes do that were there before', async () => {
  expect(await (await addDeal(5)).json()).toEqual({ id: 'deal-1', owner: 'ada', amount: 5 })
  await addDeal(7)
  const progress = await fetch(`${url}/waymark/v1/learning/onboarding/getProgress?learnerId=ada`, { headers: service })
  expect(await progress.json()).toMatchObject({ xp: 20, tracks: [{ trackId: 'first-deals', percent: 100 }] })
})

it('answers the contract with what the route answers, under its policy', async () => {
  const route = await (await fetch(`${url}/deals?owner=ada`)).json()
  const contract = await fetch(`${url}/waymark/v1/crm/deals/list?learnerId=ada`, { headers: service })
  expect(await contract.json()).toEqual({ deals: route })
  expect((await fetch(`${url}/waymark/v1/crm/deals/list?learnerId=ada`)).status).toBe(401)
  const empty = await fetch(`${url}/waymark/v1/crm/deals/list?learnerId=`, { headers: service })
  expect([empty.status, await empty.json()]).toMatchObject([422, { code: 'VALIDATION_FAILED' }])
})

it('serves the documents of both below the path of the mount', async () => {
  const document = (await (await fetch(`${url}/waymark/openapi.json`)).json()) as { servers: unknown; paths: object }
  expect(document.servers).toEqual([{ url: '/waymark' }])
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/v1/crm/deals/list', '/v1/batch']))
  const docs = await fetch(`${url}/waymark/docs`, { redirect: 'manual' })
  expect([docs.status, docs.headers.get('location')]).toEqual([308, '/waymark/docs/'])
})
