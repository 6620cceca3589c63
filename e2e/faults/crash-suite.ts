import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'
import { checkAcknowledged, checkRun } from './check-run.ts'
import { ClientLog } from './client-log.ts'
import { type CrashPoint, crashPointsOf, type StoreName } from './crash-points.ts'
import type { FaultDatabase } from './fault-database.ts'
import { below, createRandom, takeSeed } from './random.ts'
import { postTo, Refused, send, sendAgain } from './send.ts'
import { createWorkload } from './workload.ts'

/** How often the server dies at each point; `FAULT_ROUNDS` raises it. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 2)
/** What is promised: a server takes calls again this long after a crash, in milliseconds. Printed, for a machine can be slow. */
const RESTART_LIMIT = 5_000
const PRODUCERS = 3
const CALLS_BEFORE_A_PAUSE = 40
/** Longer than the server waits before it tidies up. */
const PAUSE_MS = 300
const MOST_PAUSES = 20

const preload = new URL('./die-at.ts', import.meta.url)

/** One test for each crash point of a store, and a table of them all. */
export function crashSuite(store: StoreName, open: () => Promise<FaultDatabase>): void {
  const points = crashPointsOf(store)
  const seed = takeSeed(`crash points of ${store}`)
  const table = new Map<string, { crashes: number; slowest: number }>()
  let database: FaultDatabase
  let server: ServerProcess

  beforeAll(async () => {
    database = await open()
    const modules = new URL('./faults-module.ts', import.meta.url).pathname
    server = await ServerProcess.create({ modules, env: { DATABASE_URL: database.url } })
  })
  beforeEach(async () => {
    await server.end('SIGKILL')
    await database.empty()
  })
  afterAll(async () => {
    await server?.remove()
    await database?.remove()
    const rows = [...table].map(([name, { crashes, slowest }]) => ({ point: name, crashes, 'slowest restart, ms': slowest }))
    console.table(rows)
    const late = rows.filter((row) => row['slowest restart, ms'] > RESTART_LIMIT)
    console.log(
      `restarts within ${RESTART_LIMIT} ms: ${late.length === 0 ? 'all' : `not after ${late.map(({ point }) => point).join('; ')}`}`,
    )
  })

  it(`has 20 points at least`, () => expect(new Set(points.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20))

  it.each(points)('loses and doubles nothing when it dies at "$name"', async (point) => {
    const random = createRandom(seed + points.indexOf(point))
    const row = { crashes: 0, slowest: 0 }
    table.set(point.name, row)
    const restarted = (milliseconds: number) => {
      row.slowest = Math.max(row.slowest, Math.round(milliseconds))
    }
    let log = new ClientLog()
    if (!point.isOfFirstStart) await server.start()
    for (let round = 0; round < ROUNDS; round++) {
      await server.end('SIGKILL')
      const workload = createWorkload(random, `r${round}`)
      const ready = await dieAt(server, point, 1 + below(random, point.most), () => drive(server, log, workload))
      row.crashes += 1
      if (ready !== undefined) restarted(ready)
      if (point.isOfFirstStart) {
        restarted(await server.start())
        for (let call = 0; call < 3; call++) await send(postTo(server), log, workload.next())
        await finish(server, database, log)
        if (round + 1 < ROUNDS) await database.empty()
        log = new ClientLog()
      } else expect(checkAcknowledged(log, await database.read())).toEqual([])
    }
    if (point.isOfFirstStart) return
    restarted(await server.start())
    await finish(server, database, log)
  })

  it('loses and doubles nothing when it is killed at any moment', async () => {
    const random = createRandom(seed)
    const log = new ClientLog()
    let slowest = await server.start()
    for (let round = 0; round < ROUNDS * 3; round++) {
      const kill = below(random, 150)
      const killed = log.answersMore(1 + kill).then(() => server.end('SIGKILL'))
      await drive(server, log, createWorkload(random, `r${round}`))
      await killed
      expect(checkAcknowledged(log, await database.read())).toEqual([])
      slowest = Math.max(slowest, await server.start())
    }
    table.set('any moment', { crashes: ROUNDS * 3, slowest: Math.round(slowest) })
    await finish(server, database, log)
  })
}

/** Everything is sent again, the server is stopped, and all has to be right. */
async function finish(server: ServerProcess, database: FaultDatabase, log: ClientLog): Promise<void> {
  await sendAgain(postTo(server), log)
  expect(await server.end('SIGTERM')).toBe(0)
  expect(checkRun(log, await database.read())).toEqual([])
}

/** Starts a server that dies at a point; resolves when it has, with how long its start took where it came to an end. */
async function dieAt(
  server: ServerProcess,
  point: CrashPoint,
  count: number,
  drive: () => Promise<void>,
): Promise<number | undefined> {
  const env = { DIE_AT_STORE: point.store, DIE_AT: point.name, DIE_AT_COUNT: String(count) }
  const ready = await server.start({ preload, env }).catch(() => undefined)
  if (ready !== undefined) await drive()
  await server.ended
  // Whatever else ended it is no crash at this point.
  expect(server.errors).toContain(`died at ${point.name}\n`)
  return ready
}

/** Calls of every kind from several producers, until the server dies. */
async function drive(server: ServerProcess, log: ClientLog, workload: ReturnType<typeof createWorkload>): Promise<void> {
  let isOver = false
  const ended = server.ended.then(() => {
    isOver = true
  })
  const produce = async () => {
    for (let call = 0; call < CALLS_BEFORE_A_PAUSE && !isOver; call++) {
      try {
        await send(postTo(server), log, workload.next())
      } catch (error) {
        if (error instanceof Refused) throw error
        return ended
      }
    }
  }
  for (let pause = 0; !isOver; pause++) {
    if (pause === MOST_PAUSES) throw new Error('The server never came to this point.')
    await Promise.all(Array.from({ length: PRODUCERS }, produce))
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))])
  }
}
