/**
 * A hundred thousand malformed requests against a server in a process of its own, and right ones between them. Several connections send
 * at once and are kept as long as the server keeps them. Whatever comes: no 5xx, every error in the shape of its surface, nothing of
 * the inside in any answer, no answer over a second, no memory that stays, no word of a defect in the log, and right answers to right calls.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEARNER_SECRET, signLearnerToken } from '../server/learner-token.ts'
import { ServerProcess } from '../server/server-process.ts'
import { type Case, createCases } from './cases.ts'
import { flawOf } from './check-answer.ts'
import { Failures } from './failures.ts'
import { CASES, LONGEST_RUN, ONLY, SEED } from './setting.ts'
import { createValidCalls } from './valid-calls.ts'
import { Connection, type Outcome, toBytes } from './wire.ts'

const CONNECTIONS = 16
/** A right call after so many malformed ones. */
const BETWEEN = 20
/** The promise, in milliseconds. */
const SLOWEST = 1_000
/** How often a slow case is asked again alone before it counts. */
const AGAIN = 5
/** How often the memory is looked at. */
const LOOKS = 10
/** What caches of the server may take between the first looks and the last, in bytes. */
const MEMORY_SLACK = 24 * 1_048_576

let server: ServerProcess
let port: number
beforeAll(async () => {
  const modules = ['../../examples/crm/waymark/*.ts', './shop-module.ts'].map((path) => new URL(path, import.meta.url).pathname)
  server = await ServerProcess.create({ modules: modules.join(','), env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
  await server.start({ preload: new URL('./memory-probe.ts', import.meta.url) })
  port = Number(new URL(server.url).port)
})
afterAll(() => server.remove())

it('is refused in the shape of its surface, soon, and leaves nothing behind', { timeout: LONGEST_RUN }, async () => {
  console.log(`malformed input: MALFORMED_SEED=${SEED} MALFORMED_CASES=${CASES}`)
  const caseOf = createCases(SEED, { key: server.key, learnerToken: await signLearnerToken('ada', 3_600) })
  const validOf = createValidCalls(server.key, await signLearnerToken('right', 3_600))
  const failures = new Failures()
  const slow: number[] = []
  const statuses = new Map<string, number>()
  const memory: Look[] = []
  const slowest = { milliseconds: 0, number: -1 }
  let next = ONLY ?? 0
  const end = ONLY === undefined ? CASES : ONLY + 1
  const begin = performance.now()

  const unfinished = ONLY === undefined ? UNFINISHED.map(endOf) : []
  const worker = async () => {
    let connection = await Connection.open(port)
    while (next < end) {
      const number = next++
      const made = caseOf(number)
      if (!connection.isOpen) connection = await Connection.open(port)
      const { outcomes, flaw } = await play(made, connection)
      if (flaw !== undefined) failures.add(`${made.what}: ${flaw}`, number, show(made, outcomes))
      for (const outcome of outcomes) {
        const status = outcome === 'closed' ? outcome : String(outcome.status)
        statuses.set(`${made.what} ${status}`, (statuses.get(`${made.what} ${status}`) ?? 0) + 1)
        if (outcome === 'closed') continue
        if (outcome.milliseconds > slowest.milliseconds) Object.assign(slowest, { milliseconds: outcome.milliseconds, number })
        if (outcome.milliseconds > SLOWEST) slow.push(number)
      }
      if (number % BETWEEN === 0) {
        if (!connection.isOpen) connection = await Connection.open(port)
        const { bytes, check } = validOf(number / BETWEEN)
        const outcome = await connection.send(bytes)
        if (outcome === 'closed') failures.add('a right call has no answer', number)
        else {
          try {
            check(outcome)
          } catch (error) {
            failures.add('a right call has another answer', number, (error as Error).message)
          }
        }
      }
      if (number % Math.ceil(CASES / LOOKS) === 0 && number > 0) memory.push(await look())
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))

  const seconds = (performance.now() - begin) / 1_000
  for (const [index, ended] of (await Promise.all(unfinished)).entries())
    if (ended !== undefined) failures.add(ended, -1, UNFINISHED[index])
  console.log(
    `${end - (ONLY ?? 0)} cases in ${seconds.toFixed(1)} s: ${[...statuses]
      .sort()
      .map(([what, count]) => `${what}: ${count}`)
      .join(', ')}`,
  )
  console.log(`the slowest: case ${slowest.number}, ${slowest.milliseconds.toFixed(0)} ms among ${CONNECTIONS} connections`)
  if (ONLY !== undefined) console.log(server.errors)
  const alone: number[] = []
  for (const number of new Set(slow)) {
    const times = await timesAlone(caseOf(number))
    alone.push(Math.min(...times))
    if (Math.min(...times) <= SLOWEST) continue
    // On a machine that has other work, what counts is how long the server itself computes.
    const computed = await computingTimeOf(caseOf(number))
    const details = `${times.map(Math.round)} ms, ${Math.round(computed)} ms of them computing`
    if (computed > SLOWEST) failures.add('slow whenever it is asked', number, `${details}\n${show(caseOf(number), [])}`)
    else console.log(`case ${number}: ${details}`)
  }
  if (alone.length > 0) {
    const longest = Math.max(...alone).toFixed(0)
    console.log(`${alone.length} took over ${SLOWEST} ms among the others; asked again alone, the slowest of them ${longest} ms`)
  }
  if (ONLY === undefined && memory.length > 4) {
    memory.push(await look())
    const early = memory.slice(1, 4)
    const late = memory.slice(-3)
    for (const of of ['heapUsed', 'external', 'rss'] as const) {
      console.log(`${of}: ${memory.map((seen) => Math.round(seen[of] / 1_048_576)).join(', ')} MiB`)
      const grown = Math.min(...late.map((seen) => seen[of])) - Math.max(...early.map((seen) => seen[of]))
      // What the process has of the system, the collection does not give back.
      if (of !== 'rss' && grown > MEMORY_SLACK) failures.add(`${of} grows by ${grown} bytes`, -1)
    }
  }
  expect(String(failures)).toBe('')
  expect(server.errors.split('\n').filter((line) => line !== '' && !line.startsWith('memory '))).toEqual([])
  expect(await server.end('SIGTERM')).toBe(0)
})

/** What the probe says: bytes, and milliseconds of computing before and after it has collected. */
interface Look {
  readonly heapUsed: number
  readonly external: number
  readonly rss: number
  readonly before: number
  readonly after: number
}

let looks = 0
async function look(): Promise<Look> {
  const number = looks++
  process.kill(server.pid, 'SIGUSR2')
  const found = () => server.errors.split('\n').filter((line) => line.startsWith('memory {') && line.endsWith('}'))[number]
  await expect.poll(found, { timeout: 60_000 }).toBeDefined()
  return JSON.parse((found() as string).slice('memory '.length)) as Look
}

/** Sends one case; bytes have a connection of their own, on which any number of answers may come before it ends. */
async function play(
  made: Case,
  connection: Connection,
): Promise<{ readonly outcomes: Outcome[]; readonly flaw: string | undefined }> {
  if ('request' in made) {
    const { request, surface } = made
    const outcome = await connection.send(toBytes(request), request.method === 'HEAD')
    if (outcome === 'closed') return { outcomes: [outcome], flaw: 'no answer' }
    return { outcomes: [outcome], flaw: flawOf(surface, outcome) }
  }
  const own = await Connection.open(port)
  own.write(made.bytes, true)
  const outcomes: Outcome[] = []
  let flaw: string | undefined
  for (let outcome = await own.read(); ; outcome = await own.read()) {
    outcomes.push(outcome)
    if (outcome === 'closed') break
    flaw ??= flawOf('docs', outcome)
  }
  own.close()
  return { outcomes, flaw }
}

/** Requests that never come to their end, each on a connection that stays open. */
const UNFINISHED = [
  '',
  'G',
  'GET /healthz HTTP/1.1\r\nhost: a\r\n',
  'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /he',
  'POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"batch":',
  'POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"que',
  'POST /mcp HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
]

/** Sends one byte a second of the rest of it, until the server ends the connection; resolves with what is wrong about that. */
async function endOf(begin: string): Promise<string | undefined> {
  const connection = await Connection.open(port)
  if (begin !== '') connection.write(Buffer.from(begin))
  const drip = setInterval(() => connection.isOpen && connection.write(Buffer.from('x')), 1_000)
  let flaw: string | undefined
  for (let outcome = await connection.read(); outcome !== 'closed'; outcome = await connection.read()) {
    flaw ??= flawOf('docs', outcome)
  }
  clearInterval(drip)
  return flaw
}

async function timesAlone(made: Case, most = AGAIN): Promise<number[]> {
  const times: number[] = []
  while (times.length < most && !times.some((time) => time <= SLOWEST)) {
    const connection = await Connection.open(port)
    const { outcomes } = await play(made, connection)
    connection.close()
    times.push(Math.max(0, ...outcomes.map((outcome) => (outcome === 'closed' ? 0 : outcome.milliseconds))))
  }
  return times
}

/** How long the server computes for a case, in milliseconds. */
async function computingTimeOf(made: Case): Promise<number> {
  const { after } = await look()
  await timesAlone(made, 1)
  return (await look()).before - after
}

function show(made: Case, outcomes: readonly Outcome[]): string {
  const sent = 'bytes' in made ? made.bytes : toBytes(made.request)
  const answers = outcomes.map((outcome) =>
    outcome === 'closed' ? outcome : `${outcome.status} ${outcome.body.toString().slice(0, 400)}`,
  )
  return `${sent.toString('latin1').slice(0, 700)}\n→ ${answers.join('\n→ ')}`
}
