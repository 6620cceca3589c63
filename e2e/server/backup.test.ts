import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compileTrack } from '@waymark/learning-journey/engine'
import type { EntryRow } from '@waymark/learning-journey/ports'
import { createSqliteStore } from '@waymark/store/sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { Replay } from '../engine/replay.ts'
import { ServerProcess } from './server-process.ts'
import { tracks } from './tasks-track.ts'

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))
const modules = fileURLToPath(new URL('./tasks-track.ts', import.meta.url))
const LEARNERS = Array.from({ length: 20 }, (_, index) => `learner-${index}`)
const EVENTS_AT_ONCE = 50

it('a backup that is made under ingest holds all that was acknowledged before it, and a server starts from it', async () => {
  const server = await ServerProcess.start({ modules })
  onTestFinished(() => server.remove())
  const acknowledged = new Set<string>()
  let isDone = false
  let count = 0
  const produce = async () => {
    while (!isDone) {
      const events = Array.from({ length: EVENTS_AT_ONCE }, () => {
        const number = count++
        const learnerId = LEARNERS[number % LEARNERS.length]
        return { learnerId, eventName: 'task.done', eventId: `e${number}`, eventPayload: { taskId: `t${number}` } }
      })
      const { status } = await server.call('ingest', { events })
      expect(status).toBe(200)
      for (const { eventId } of events) acknowledged.add(eventId)
    }
  }
  const producers = Array.from({ length: 3 }, produce)
  await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(2_000)
  const before = [...acknowledged]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@waymark/source', main, 'backup', 'night.db', '--json'],
    {
      cwd: server.folder,
      env: { PATH: process.env.PATH, WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key },
    },
  )
  const atAnswer = acknowledged.size
  await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(atAnswer)
  isDone = true
  await Promise.all(producers)

  const restored = await ServerProcess.start({ modules })
  onTestFinished(() => restored.remove())
  await restored.end('SIGTERM')
  const file = join(restored.folder, '.waymark/waymark.db')
  mkdirSync(join(restored.folder, '.waymark'), { recursive: true })
  copyFileSync(join(server.folder, JSON.parse(stdout).file), file)
  const found = await inspect(file)
  expect(before.filter((eventId) => !found.has(eventId))).toEqual([])

  await restored.start()
  const again = before.slice(0, 500).map((eventId) => {
    const number = Number(eventId.slice(1))
    return {
      learnerId: LEARNERS[number % LEARNERS.length],
      eventName: 'task.done',
      eventId,
      eventPayload: { taskId: `t${number}` },
    }
  })
  const { body } = await restored.call('ingest', { events: again })
  expect(new Set(body.results.map(({ status }: { readonly status: string }) => status))).toEqual(new Set(['duplicate']))
  const fresh = { learnerId: LEARNERS[0], eventName: 'task.done', eventId: 'after', eventPayload: { taskId: 'after' } }
  expect((await restored.call('recordEvent', fresh)).body).toMatchObject({ success: true, duplicate: false })
})

/** The ids of all entries; checks that every state is what its journal folds to. */
async function inspect(file: string): Promise<ReadonlySet<string>> {
  const store = await createSqliteStore({ file })
  const track = compileTrack(tracks[0] as (typeof tracks)[number], [])
  const ids = new Set<string>()
  for (const learner of LEARNERS) {
    const key = { tenant: 'default', subject: `l:${learner}` }
    const entries = await store.readEntries(key)
    const replay = new Replay(track)
    replay.arrive(...entries.map(toEntry))
    expect(Buffer.from((await store.readState(key)) ?? [])).toEqual(Buffer.from(replay.row ?? []))
    for (const { eventId } of entries) ids.add(eventId)
  }
  await store.close()
  return ids
}

function toEntry({ payload, actor: _, ...row }: EntryRow) {
  return { ...row, payload: JSON.parse(payload ?? 'null') as unknown }
}
