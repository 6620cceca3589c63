import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'
import { track } from './live-journey.ts'

/** `PUBLISHING_LEARNERS=100000` makes it as large as a product. */
const LEARNERS = Number(process.env.PUBLISHING_LEARNERS ?? 2_000)
const EVENTS_EACH = 10
const MODULE = `
import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'
const meta = { version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'A test event.' } as const
const event = (key: string) => defineEvent({ meta: { ...meta, key }, payload: z.object({ n: z.number() }) })
export default defineModule({ key: 'events', contracts: [event('page.read'), event('page.shared')] })
`
const read = { complete: { event: 'page.read', atLeast: 5 }, reward: { xp: 10 } }
const FIRST = track('1.0.0', { read })
const SECOND = track('2.0.0', {
  read,
  share: { complete: { event: 'page.shared', atLeast: 5 }, reward: { xp: 20, badge: 'sharer' } },
})

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function startServer(): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-modules-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'events.ts'), MODULE)
  await writeFile(join(folder, 'track.json'), JSON.stringify(FIRST))
  const server = await ServerProcess.start({ modules: `${folder}/*`, env: { WAYMARK_PUBLISH: 'manual' } })
  ends.push(() => server.remove())
  return server
}

/** Half of each learner's events are of the kind that only the second version asks for. */
async function sendAll(server: ServerProcess): Promise<void> {
  const learnersAtOnce = 500 / EVENTS_EACH
  for (let from = 0; from < LEARNERS; from += learnersAtOnce) {
    const events = Array.from({ length: learnersAtOnce }, (_, index) =>
      Array.from({ length: EVENTS_EACH }, (_, n) => ({
        learnerId: `person-${from + index}`,
        eventName: n % 2 === 0 ? 'page.read' : 'page.shared',
        eventId: `e${n}`,
        eventPayload: { n },
      })),
    ).flat()
    const { status, body } = await server.call('ingest', { events })
    const other = (body.results as { status: string }[]).find((result) => !['recorded', 'unmatched'].includes(result.status))
    expect([status, other]).toEqual([200, undefined])
  }
}

/** How many facts the whole tenant has, by name and step. */
async function countFacts(server: ServerProcess): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const seen = new Set<string>()
  for (let cursor: string | undefined; ; ) {
    const { body } = await server.call('listFacts', { limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    for (const { factId, name, stepId, backfilled } of body.items) {
      expect(seen.has(factId)).toBe(false)
      seen.add(factId)
      const key = [name.replace('learning.onboarding.', ''), stepId ?? '', backfilled ? '*' : ''].join(' ').trim()
      counts[key] = (counts[key] ?? 0) + 1
    }
    if (body.nextCursor === null) return counts
    cursor = body.nextCursor
  }
}

it('a server that is killed again and again while it publishes brings everybody to the version, and nothing twice', async () => {
  const server = await startServer()
  await sendAll(server)
  const { body } = await server.call('publishTrack', { definition: SECOND })
  expect(body).toMatchObject({ published: true, jobId: expect.any(String) })
  const look = async () => (await server.call('getJob', { jobId: body.jobId })).body
  const reached: number[] = []
  for (let job = await look(); job.status === 'running'; job = await look()) {
    // At another place each time: while it counts, and after every few pages.
    if (job.done < (reached.at(-1) ?? -1) + 0.15 * LEARNERS && reached.length > 0) continue
    reached.push(job.done)
    await server.end('SIGKILL')
    await server.start()
  }
  expect(reached.length).toBeGreaterThan(0)
  expect(await look()).toMatchObject({ status: 'done', done: LEARNERS, total: LEARNERS, failed: 0 })
  expect(await countFacts(server)).toEqual({
    enrolled: LEARNERS,
    'step.completed read': LEARNERS,
    'xp.granted read': LEARNERS,
    'track.completed': LEARNERS,
    'step.completed share *': LEARNERS,
    'xp.granted share *': LEARNERS,
    'badge.granted share *': LEARNERS,
  })
  for (const person of [0, 777, LEARNERS - 1]) {
    const progress = (await server.call('getProgress', { learnerId: `person-${person}` })).body
    expect(progress).toMatchObject({
      xp: 30,
      badges: ['sharer'],
      tracks: [{ version: '2.0.0', percent: 100, status: 'completed' }],
    })
  }
})
