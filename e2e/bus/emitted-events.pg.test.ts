import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, it, vi } from 'vitest'
import { makeDatabase, query } from '../../packages/store/fixtures/make-database.ts'
import { ServerProcess } from '../server/server-process.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const modules = `${file('../../examples/crm/waymark')}/*.ts,${file('./emitting-module.ts')}`
const servers: ServerProcess[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
})

it('what commands emit is recorded once where several servers share one database, also of one that is killed', async () => {
  const url = await makeDatabase(inject('postgres'))
  const env = { DATABASE_URL: url, WAYMARK_PUBLISH: 'auto' }
  for (let node = 0; node < 2; node++) {
    const server = await ServerProcess.create({ modules, env })
    servers.push(server)
    await server.start({ env: { HANDLED_FOLDER: server.folder } })
  }
  const deals = Array.from({ length: 40 }, (_, n) => `d${n}`)
  const open = (server: ServerProcess, dealId: string) => {
    const headers = { authorization: `Bearer ${server.key}`, 'idempotency-key': dealId }
    return server.post('sales/deals/open', { learnerId: `l-${dealId}`, dealId }, headers)
  }
  const answers = deals.map(async (dealId, n) => (await open(servers[n % 2] as ServerProcess, dealId)).status)
  expect(await Promise.all(answers)).toEqual(deals.map(() => 200))
  // What it has not recorded yet, the other one does: at once, or when it is held no more.
  await servers[0]?.end('SIGKILL')
  const recorded = () =>
    query<{ subject: string }>(
      url,
      `select subject from waymark.event where channel = 'emit' and name = 'deal.created' order by subject`,
    )
  const expected = deals.map((dealId) => ({ subject: `l:l-${dealId}` })).sort((a, b) => (a.subject < b.subject ? -1 : 1))
  await vi.waitFor(async () => expect(await recorded()).toEqual(expected), { timeout: 100_000, interval: 200 })
  await vi.waitFor(async () => expect(await query(url, 'select number from waymark.emitted')).toEqual([]), 100_000)
  expect(await recorded()).toEqual(expected)
}, 240_000)
