import { expect, it } from 'vitest'
import { startPostgres } from '../postgres/start-postgres.ts'
import { ServerProcess } from '../server/server-process.ts'
import { checkRun } from './check-run.ts'
import { ClientLog } from './client-log.ts'
import { openPostgresDatabase } from './fault-database.ts'
import { journey } from './journeys.ts'
import { below, createRandom, takeSeed } from './random.ts'
import { RetryingClient } from './retrying.ts'
import { postTo, sendAgain } from './send.ts'

/** Of each client; `FAULT_JOURNEYS=5000` is the whole of it. */
const JOURNEYS = Number(process.env.FAULT_JOURNEYS ?? 400)
/** More of it by the setting may take hours, in milliseconds. */
const LONGEST_RUN = 4 * 60 * 60_000
const CLIENTS = 3
const AT_ONCE = 4
/** However fast the journeys are. */
const FEWEST_RESTARTS = 4

it(`gets ${CLIENTS} × ${JOURNEYS} journeys right while PostgreSQL crashes every few seconds`, {
  timeout: LONGEST_RUN,
}, async () => {
  const random = createRandom(takeSeed('PostgreSQL restarted'))
  const postgres = await startPostgres({ settings: { fsync: 'on' } })
  const modules = new URL('./faults-module.ts', import.meta.url).pathname
  let server: ServerProcess | undefined
  try {
    const database = await openPostgresDatabase(postgres)
    server = await ServerProcess.start({ modules, env: { DATABASE_URL: database.url } })
    const log = new ClientLog()
    const clients = Array.from({ length: CLIENTS }, () => new RetryingClient(postTo(server as ServerProcess)))
    const recoveries: number[] = []
    let restarts = 0
    let finished = 0

    const travel = async (client: RetryingClient, name: string) => {
      for (let number = 0; number < JOURNEYS / AT_ONCE || restarts < FEWEST_RESTARTS; number++) {
        await journey(client.post, log, random, `${name}-${number}`)
        finished += 1
      }
    }
    let isOver = false
    const travels = Promise.all(
      clients.flatMap((client, index) => Array.from({ length: AT_ONCE }, (_, lane) => travel(client, `client-${index}-${lane}`))),
    ).finally(() => {
      isOver = true
    })
    while (!isOver) {
      await Promise.race([travels, sleep(5_000 + below(random, 5_000))])
      if (isOver) break
      await postgres.crash()
      await sleep(below(random, 2_000))
      await postgres.start()
      restarts += 1
      const up = performance.now()
      await Promise.race([travels, log.answersMore(1)])
      recoveries.push(Math.round(performance.now() - up))
    }
    await travels

    await sendAgain(postTo(server), log)
    // It is the process that was there from the beginning.
    expect(await server.end('SIGTERM')).toBe(0)
    const rows = await database.read()
    expect(checkRun(log, rows)).toEqual([])
    // 500 would say that the server is broken, and it is not.
    for (const { retried } of clients) expect([...retried.keys()]).not.toContain('500')
    const completed = rows.facts.filter(({ name }) => name === 'learning.onboarding.track.completed')
    expect(completed.length).toBe(finished)
    console.log(`${finished} journeys, ${log.answers.length} answers, ${restarts} crashes of PostgreSQL`)
    console.log(`from its start to the next answer: ${recoveries.join(', ')} ms`)
    for (const client of clients) console.log(`a client: ${client}`)
  } finally {
    await server?.remove()
    await postgres.remove()
  }
})

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
