/**
 * Publishing a version of a live track: the dry run on everybody, and the backfill that computes everybody anew. Beside them stands what
 * recording the same events took in the same run.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DryRunTrackContract, PublishTrackContract, type TrackModel } from '@waymark/learning-journey'
import type { JournalStore } from '@waymark/learning-journey/ports'
import { createPostgresStore } from '@waymark/store/postgres'
import { createSqliteStore } from '@waymark/store/sqlite'
import { startPostgres } from '../../e2e/postgres/start-postgres.ts'
import { CRM_TRACK, type CrmEvent, createCrmEvents, startCrmJourney } from '../fixtures/crm.ts'
import { type Scale, single } from '../measure.ts'
import type { Row } from '../report.ts'

const LEARNERS = { quick: 5_000, full: 100_000 }
const EVENTS_EACH = 10
const REQUEST = 500
const IN_FLIGHT = 4

/** A step more, which events of the past satisfy. */
const NEXT: TrackModel = {
  ...CRM_TRACK,
  version: '9.0.0',
  steps: [...CRM_TRACK.steps, { key: 'one-more', complete: { event: 'deal.created' }, reward: { xp: 5 } }],
}

export async function publish(scale: Scale): Promise<readonly Row[]> {
  const learners = LEARNERS[scale.quick ? 'quick' : 'full']
  return [...(await onSqlite(learners)), ...(await onPostgres(learners))]
}

async function onSqlite(learners: number): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  const store = await createSqliteStore({ file: join(folder, 'waymark.db') })
  try {
    return await measure('SQLite', store, learners)
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

async function onPostgres(learners: number): Promise<readonly Row[]> {
  const server = await startPostgres({ settings: { fsync: 'on', shared_buffers: '1GB', max_wal_size: '8GB' } })
  const store = await createPostgresStore({ url: server.url })
  try {
    return await measure('PostgreSQL', store, learners)
  } finally {
    await store.close()
    await server.remove()
  }
}

async function measure(name: string, store: JournalStore, learners: number): Promise<readonly Row[]> {
  const journey = await startCrmJourney(store)
  const next = createCrmEvents()
  // Each learner has as many events as the others.
  const events = Array.from({ length: learners * EVENTS_EACH }, (_, index) => ({
    ...next(),
    learnerId: `learner-${index % learners}`,
  }))
  const recording = await secondsOf(() => send(journey.ingest, events))
  const dryRun = await journey.publishing(DryRunTrackContract, NEXT)
  const backfill = await journey.publishing(PublishTrackContract, NEXT)
  await journey.close()
  for (const { done } of [dryRun, backfill])
    if (done !== learners) throw new Error(`${done} of ${learners} subjects were looked at.`)
  if (backfill.facts < learners / 2) throw new Error(`The backfill brought ${backfill.facts} facts only.`)
  const row = (what: string, { seconds, done }: { readonly seconds: number; readonly done: number }): Row => ({
    what: `${name}, ${what}, ${learners.toLocaleString('en')} learners × ${EVENTS_EACH} events`,
    unit: 'learners/s',
    value: single(done / seconds),
    ratio: { ...single(recording / seconds), of: 'time to record the events ÷ time of this' },
  })
  return [row('dry run', dryRun), row('backfill', backfill)]
}

async function send(ingest: (events: readonly CrmEvent[]) => Promise<void>, events: readonly CrmEvent[]): Promise<void> {
  let from = 0
  const work = async () => {
    while (from < events.length) {
      const part = events.slice(from, from + REQUEST)
      from += REQUEST
      await ingest(part)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}
