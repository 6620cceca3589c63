import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const modules = `${file('../../examples/crm/waymark')}/*.ts,${file('./emitting-module.ts')}`
const preload = new URL('../faults/die-at.ts', import.meta.url)
const servers: ServerProcess[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.create({ modules })
  servers.push(server)
  await server.start({ env: { HANDLED_FOLDER: server.folder, ...env }, ...(env.DIE_AT === undefined ? {} : { preload }) })
  return server
}

function openDeal(server: ServerProcess, dealId: string, rest: object = {}) {
  const headers = { authorization: `Bearer ${server.key}`, 'idempotency-key': dealId }
  return server.post('sales/deals/open', { learnerId: 'ada', dealId, ...rest }, headers)
}

function read({ folder }: ServerProcess, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const db = new DatabaseSync(`${folder}/.waymark/waymark.db`, { readOnly: true })
  const rows = db.prepare(sql).all()
  db.close()
  return rows
}

/** The emitted events in the journal, and how many are still to be recorded. */
function emitted(server: ServerProcess) {
  const events = read(
    server,
    `select name, source, channel, account from event where channel = 'emit' order by occurred_at, event_id`,
  )
  const [{ waiting } = {}] = read(server, 'select count(*) as waiting from emitted')
  return { events: events.map((row) => Object.values(row).join(' ')), waiting }
}

function handled({ folder }: ServerProcess): readonly string[] {
  return existsSync(`${folder}/handled`) ? readFileSync(`${folder}/handled`, 'utf8').trim().split('\n') : []
}

const ONE_DEAL = { events: ['contact.created sales emit ', 'deal.created sales emit north'], waiting: 0 }

it('what a command emits moves the steps that listen to it, and goes to handlers, once for each call that succeeds', async () => {
  const server = await start()
  const pipeline = { eventName: 'pipeline.created', eventPayload: { pipelineId: 'p', name: 'Sales' } }
  await server.call('recordEvent', { learnerId: 'ada', ...pipeline })
  expect(await openDeal(server, 'd0', { fails: true })).toMatchObject({ status: 409, body: { code: 'NO_CREDIT' } })
  const begin = performance.now()
  expect(await openDeal(server, 'd1')).toMatchObject({ status: 200, body: { dealId: 'd1' } })
  const done = async () => {
    const { body } = await server.call('getProgress', { learnerId: 'ada' })
    const { steps } = body.tracks[0]
    return steps
      .filter(({ status }: { status: string }) => status === 'completed')
      .map(({ stepId }: { stepId: string }) => stepId)
  }
  await vi.waitFor(async () => expect(await done()).toEqual(['create-pipeline', 'add-contact', 'create-deal']), {
    timeout: 20_000,
    interval: 5,
  })
  console.log(`The steps were done ${Math.round(performance.now() - begin)} ms after the call was sent.`)
  expect((await openDeal(server, 'd1')).headers.get('idempotency-replayed')).toBe('true')
  await vi.waitFor(() => expect(handled(server)).toEqual(['emit ada north d1']), 20_000)
  expect(await server.end('SIGTERM')).toBe(0)
  expect([emitted(server), handled(server), server.errors]).toEqual([ONE_DEAL, ['emit ada north d1'], ''])
})

it.each([
  ['between the commit of the call and the recording', 'command: commit of what was emitted, after', 2],
  ['before the commit of the call', 'command: commit of what was emitted, before', 0],
  ['between the recording and the forgetting', 'emitted: forget an event, before', 2],
])('a server that is killed %s records what its calls emitted once', async (_, point, waiting) => {
  const server = await start({ DIE_AT_STORE: 'sqlite', DIE_AT: point })
  await openDeal(server, 'd1').catch(() => {})
  await server.ended
  expect(server.errors).toContain(`died at ${point}\n`)
  expect(emitted(server).waiting).toBe(waiting)
  await server.start({ env: { HANDLED_FOLDER: server.folder } })
  if (waiting > 0) await vi.waitFor(() => expect(emitted(server)).toEqual(ONE_DEAL), 20_000)
  expect(await openDeal(server, 'd1')).toMatchObject({ status: 200, body: { dealId: 'd1' } })
  await vi.waitFor(() => expect(handled(server)).toContain('emit ada north d1'), 20_000)
  expect(await server.end('SIGTERM')).toBe(0)
  expect(emitted(server)).toEqual(ONE_DEAL)
})
