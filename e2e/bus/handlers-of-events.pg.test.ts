import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, expect, inject, it, vi } from 'vitest'
import { makeDatabase } from '../../packages/store/fixtures/make-database.ts'
import { ServerProcess } from '../server/server-process.ts'

const modules = fileURLToPath(new URL('./listening-module.ts', import.meta.url))
const servers: ServerProcess[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
})

/** How often each was handled, as far as that is committed. */
async function handled(url: string): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`set role waymark_app; set app.tenant = 'default'`)
  const { rows } = await client.query(`select scope, answer from waymark.idempotency where scope like 'handled %'`)
  await client.end()
  return Object.fromEntries(rows.map(({ scope, answer }) => [scope.slice('handled '.length), Number(answer)]))
}

it('handlers take effect once where several servers share one database, and what is left is done by the one that stays', async () => {
  const url = await makeDatabase(inject('postgres'))
  const env = { DATABASE_URL: url, WAYMARK_PUBLISH: 'auto' }
  for (let node = 0; node < 2; node++) {
    const server = await ServerProcess.create({ modules, env })
    servers.push(server)
    await server.start({ env: { HANDLED_FOLDER: server.folder } })
  }
  const people = Array.from({ length: 40 }, (_, n) => `p${n}`)
  const expected = Object.fromEntries(people.flatMap((id) => [`rest ${id} t`, `fact ${id} first`]).map((what) => [what, 1]))
  const send = (learnerIds: readonly string[]) =>
    Promise.all(
      learnerIds.map(async (learnerId, n) => {
        const event = { learnerId, eventName: 'task.done', eventId: 't', eventPayload: { taskId: 't' } }
        expect((await servers[n % 2]?.call('recordEvent', event))?.status).toBe(200)
      }),
    )
  await send(people.slice(0, 30))
  await vi.waitFor(async () => expect(Object.keys(await handled(url))).toHaveLength(60), 30_000)
  await send(people.slice(30))
  // It lets go of what it holds, so that the other one need not wait.
  expect(await servers[0]?.end('SIGTERM')).toBe(0)
  await vi.waitFor(async () => expect(await handled(url)).toEqual(expected), 40_000)
})
