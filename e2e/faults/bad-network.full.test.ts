import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startPostgres } from '../postgres/start-postgres.ts'
import { ServerProcess } from '../server/server-process.ts'
import { checkRun } from './check-run.ts'
import { ClientLog } from './client-log.ts'
import { openPostgresDatabase } from './fault-database.ts'
import { FAULTS, FaultProxy } from './fault-proxy.ts'
import { below, createRandom, shuffle, takeSeed } from './random.ts'
import { RetryingClient } from './retrying.ts'
import { type Post, postTo, send, sendAgain } from './send.ts'
import { createWorkload } from './workload.ts'

/** How often every fault comes; `FAULT_TURNS` raises it. */
const TURNS = Number(process.env.FAULT_TURNS ?? 1)
/** More of it by the setting may take hours, in milliseconds. */
const LONGEST_RUN = 4 * 60 * 60_000
const CLIENTS = 4
/** How many connections a server that does nothing else may use to ask what is new. */
const ASKING = 3
/** How long a fault lasts at least and at most, in milliseconds: beyond the limits of the server it comes to them. */
const SHORTEST = 2_000
const LONGEST = 15_000

it('loses and doubles nothing on a bad network to PostgreSQL, and keeps no connection of it', {
  timeout: LONGEST_RUN,
}, async (context) => {
  const openFiles = filesOf(process.pid)
  if (openFiles === undefined) context.skip('this platform does not tell which files a process has open')
  const random = createRandom(takeSeed('a bad network'))
  const postgres = await startPostgres()
  const modules = new URL('./faults-module.ts', import.meta.url).pathname
  let proxy: FaultProxy | undefined
  let server: ServerProcess | undefined
  try {
    const database = await openPostgresDatabase(postgres)
    const network = await FaultProxy.listen({ path: join(postgres.folder, '.s.PGSQL.5432') }, random)
    proxy = network
    const behind = new URL(database.url.replace('@/', '@localhost/'))
    behind.search = ''
    behind.host = `127.0.0.1:${network.port}`
    server = await ServerProcess.start({ modules, env: { DATABASE_URL: behind.href } })
    const toServer = postTo(server)
    // So that the files of a server that does nothing are those of its database alone.
    const post: Post = (path, input, headers) => toServer(path, input, { connection: 'close', ...headers })
    const log = new ClientLog()
    const warmUp = createWorkload(random, 'warm')
    for (let call = 0; call < 20; call++) await send(post, log, warmUp.next())
    // The relays of facts and of events ask now and then, and so keep a few.
    const idle = () => expect.poll(() => network.connections, { timeout: 60_000, interval: 200 }).toBeLessThanOrEqual(ASKING)
    await idle()
    const { pid } = server
    const otherFiles = () => (filesOf(pid) as number) - network.connections
    const base = otherFiles()

    let isOver = false
    const clients = Array.from({ length: CLIENTS }, () => new RetryingClient(post))
    const running = Promise.all(
      clients.map(async (client, index) => {
        const workload = createWorkload(random, `client-${index}`)
        while (!isOver) await send(client.post, log, workload.next())
      }),
    )
    for (let turn = 0; turn < TURNS; turn++) {
      for (const fault of shuffle(random, [...FAULTS])) {
        network.fault = fault
        const before = log.answers.length
        const length = fault === 'half-open' ? LONGEST : SHORTEST + below(random, 4_000)
        await Promise.race([running, new Promise((resolve) => setTimeout(resolve, length))])
        console.log(`${fault}: ${Math.round(length / 1_000)} s, ${log.answers.length - before} answers`)
      }
    }
    network.fault = 'none'
    const healed = performance.now()
    await Promise.race([running, log.answersMore(1)])
    console.log(`the next answer ${Math.round(performance.now() - healed)} ms after the network was well again`)
    isOver = true
    await running
    await sendAgain(post, log)

    await idle()
    await expect.poll(otherFiles, { timeout: 60_000, interval: 200 }).toBeLessThanOrEqual(base)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(checkRun(log, await database.read())).toEqual([])
    // 500 would say that the server is broken, and it is not.
    for (const { retried } of clients) expect([...retried.keys()]).not.toContain('500')
    expect(network.done.resets).toBeGreaterThan(0)
    expect(network.done.deaf).toBeGreaterThan(0)
    console.log(`${log.answers.length} answers, ${network.done.resets} resets, ${network.done.deaf} connections fallen silent`)
    for (const client of clients) console.log(`a client: ${client}`)
  } finally {
    await server?.remove()
    await proxy?.close()
    await postgres.remove()
  }
})

/** How many files and sockets a process has open; undefined where the platform does not tell. */
function filesOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return undefined
  }
}
