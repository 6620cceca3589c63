import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { CloudEvent, HTTP } from 'cloudevents'
import { afterEach, expect, it, vi } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

const modules = fileURLToPath(new URL('./listening-module.ts', import.meta.url))
const servers: ServerProcess[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
})

async function start(): Promise<ServerProcess> {
  const server = await ServerProcess.create({ modules })
  servers.push(server)
  await restart(server)
  return server
}

async function restart(server: ServerProcess): Promise<void> {
  await server.start({ env: { HANDLED_FOLDER: server.folder } })
}

function tries({ folder }: ServerProcess): readonly string[] {
  const file = `${folder}/tries`
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

/** How often each was handled, as far as that is committed. */
function handled({ folder }: ServerProcess): Readonly<Record<string, number>> {
  const db = new DatabaseSync(`${folder}/.waymark/waymark.db`, { readOnly: true })
  const rows = db.prepare(`select scope, answer from idempotency where scope like 'handled %' order by scope`).all()
  db.close()
  return Object.fromEntries(rows.map(({ scope, answer }) => [String(scope).slice('handled '.length), Number(answer)]))
}

/** How many events are known to be handled. */
function marks({ folder }: ServerProcess): number {
  const db = new DatabaseSync(`${folder}/.waymark/waymark.db`, { readOnly: true })
  const row = db.prepare('select count(*) as count from inbox').get()
  db.close()
  return Number(row?.count)
}

function record(server: ServerProcess, learnerId: string, taskId: string) {
  return server.call('recordEvent', { learnerId, eventName: 'task.done', eventId: taskId, eventPayload: { taskId } })
}

it('handlers of a module file get events by whatever door they came, and the facts that follow from them', async () => {
  const server = await start()
  await record(server, 'ada', 't1')
  await server.call('ingest', {
    events: [{ learnerId: 'bob', eventName: 'task.done', eventId: 't1', eventPayload: { taskId: 't1' } }],
  })
  const authorization = `Bearer ${server.key}`
  const event = new CloudEvent({ type: 'task.done', source: '/crm', id: 't1', learnerid: 'eve', data: { taskId: 't1' } })
  const { headers, body } = HTTP.structured(event)
  await fetch(`${server.url}/events`, {
    method: 'POST',
    headers: { ...(headers as Record<string, string>), authorization },
    body: body as string,
  })
  await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${server.key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'track', messageId: 't1', userId: 'tim', event: 'task.done', properties: { taskId: 't1' } }),
  })
  await vi.waitFor(
    () =>
      expect(handled(server)).toEqual({
        'cloudevents eve t1': 1,
        'fact ada first': 1,
        'fact bob first': 1,
        'fact eve first': 1,
        'fact tim first': 1,
        'rest ada t1': 1,
        'rest bob t1': 1,
        'segment tim t1': 1,
      }),
    20_000,
  )
})

it('handlers take effect once over kills in the middle of them, of a whole batch, and of nothing that was imported', async () => {
  const server = await start()
  await record(server, 'ada', 't0')
  await vi.waitFor(() => expect(handled(server)).toEqual({ 'fact ada first': 1, 'rest ada t0': 1 }), 20_000)
  const expected: Record<string, number> = handled(server)
  for (let round = 1; round <= 3; round++) {
    writeFileSync(`${server.folder}/hold`, '')
    const before = tries(server).length
    const people = Array.from({ length: 20 }, (_, n) => `p${round}-${n}`)
    const events = people.map((learnerId) => ({ learnerId, eventName: 'task.done', eventId: 't', eventPayload: { taskId: 't' } }))
    const { body } = await server.call('ingest', { events })
    expect(body.results.map(({ status }: { status: string }) => status)).toEqual(people.map(() => 'recorded'))
    for (const learnerId of people) {
      expected[`rest ${learnerId} t`] = 1
      expected[`fact ${learnerId} first`] = 1
    }
    // Some of them stand in their handlers now.
    await vi.waitFor(() => expect(tries(server).length).toBeGreaterThan(before), 20_000)
    await server.end('SIGKILL')
    rmSync(`${server.folder}/hold`)
    await restart(server)
    // In the second round it dies again, in the middle of what it does over.
    if (round === 2) {
      await vi.waitFor(
        () => expect(Object.keys(handled(server)).length).toBeGreaterThan(Object.keys(expected).length - 40),
        20_000,
      )
      await server.end('SIGKILL')
      await restart(server)
    }
    await vi.waitFor(() => expect(handled(server)).toEqual(expected), 30_000)
  }
  await server.call('ingest', {
    import: true,
    events: [{ learnerId: 'old', eventName: 'task.done', eventId: 't', eventPayload: { taskId: 't' } }],
  })
  await record(server, 'last', 't')
  await vi.waitFor(() => expect(handled(server)).toEqual({ ...expected, 'rest last t': 1, 'fact last first': 1 }), 20_000)
  // What was asked for more than once was, so that the counts mean something.
  expect(tries(server).length).toBeGreaterThan(Object.keys(handled(server)).length)
  expect(await server.end('SIGTERM')).toBe(0)
}, 120_000)

it('handlers get an event again that is recorded anew after its person was erased, for what was handled is forgotten with them', async () => {
  const server = await start()
  await record(server, 'ada', 't1')
  await record(server, 'bob', 't1')
  const once = { 'fact ada first': 1, 'fact bob first': 1, 'rest ada t1': 1, 'rest bob t1': 1 }
  await vi.waitFor(() => expect(handled(server)).toEqual(once), 20_000)
  expect(marks(server)).toBe(4)
  expect((await server.call('eraseLearner', { learnerId: 'ada', reason: 'asked for it' })).status).toBe(200)
  expect(marks(server)).toBe(2)
  await record(server, 'ada', 't1')
  await vi.waitFor(() => expect(handled(server)).toEqual({ ...once, 'fact ada first': 2, 'rest ada t1': 2 }), 20_000)
})

it('a server ends although a handler does not, and the next one goes on with its event', async () => {
  const server = await start()
  writeFileSync(`${server.folder}/hold`, '')
  await record(server, 'ada', 't1')
  await vi.waitFor(() => expect(tries(server)).toContain('rest ada t1'), 20_000)
  expect(await server.end('SIGTERM')).toBe(0)
  expect(handled(server)).toEqual({})
  rmSync(`${server.folder}/hold`)
  await restart(server)
  await vi.waitFor(() => expect(handled(server)).toEqual({ 'fact ada first': 1, 'rest ada t1': 1 }), 20_000)
}, 60_000)

it('serves the AsyncAPI document of its events', async () => {
  const server = await start()
  const response = await fetch(`${server.url}/asyncapi.json`)
  const document = (await response.json()) as { asyncapi: string; operations: object }
  expect([response.status, response.headers.get('content-type'), document.asyncapi]).toEqual([200, 'application/json', '3.0.0'])
  expect(Object.keys(document.operations).sort()).toEqual(['send.learning.onboarding.step.completed', 'send.task.done'])
})
