import type { JobRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { numbers } from './rows.ts'

function job(values: Partial<JobRow> = {}): JobRow {
  return {
    id: 'j1',
    kind: 'backfill',
    status: 'running',
    spec: '{"track":"first-win"}',
    progress: '{"done":0}',
    createdAt: 10,
    updatedAt: 10,
    ...values,
  }
}

export function jobCases({ open }: Harness): void {
  it('returns the jobs, newest first, and adds one only once', async () => {
    const store = await open()
    const [first, second] = [job(), job({ id: 'j2', kind: 'erase', createdAt: 20, status: 'done' })]
    for (const row of [first, second, job({ spec: 'other' })]) await store.addJob(row)
    expect(await store.readJobs()).toEqual([second, first])
  })

  it('gives a running job to one holder, the oldest first, and to nobody else until its time is over', async () => {
    const store = await open()
    const [first, second] = [job(), job({ id: 'j2', createdAt: 20 })]
    for (const row of [second, first, job({ id: 'j0', status: 'done' }), job({ id: 'j3', kind: 'erase' })])
      await store.addJob(row)
    expect(await store.claimJob('backfill', 100, 200)).toEqual(first)
    expect(await store.claimJob('backfill', 100, 200)).toEqual(second)
    expect(await store.claimJob('backfill', 199, 300)).toBeNull()
    expect(await store.claimJob('backfill', 200, 300)).toEqual(first)
    expect(await store.claimJob('nothing', 200, 300)).toBeNull()
  })

  it('keeps the progress of a job, and its holder holds it on', async () => {
    const store = await open()
    await store.addJob(job())
    await store.claimJob('backfill', 0, 10)
    const progress = { id: 'j1', status: 'running', progress: '{"done":5}', updatedAt: 9 } as const
    expect(await store.putJob(progress, 50)).toBe(true)
    expect(await store.claimJob('backfill', 49, 99)).toBeNull()
    expect(await store.claimJob('backfill', 50, 99)).toEqual(job(progress))
  })

  it('tells a holder that its job has ended or is not there', async () => {
    const store = await open()
    await store.addJob(job())
    const cancelled = { id: 'j1', status: 'cancelled', progress: '{}', updatedAt: 11 } as const
    expect(await store.putJob(cancelled, 0)).toBe(true)
    expect(await store.putJob({ ...cancelled, status: 'running', progress: '{"done":9}' }, 99)).toBe(false)
    expect(await store.putJob({ ...cancelled, id: 'nobody' }, 99)).toBe(false)
    expect(await store.readJobs()).toEqual([job(cancelled)])
    expect(await store.claimJob('backfill', 100, 200)).toBeNull()
  })

  it('gives each job to one of many who claim at once', async () => {
    const store = await open()
    for (const n of numbers(6)) await store.addJob(job({ id: `j${n}` }))
    const claimed = await Promise.all(numbers(6).map(() => store.claimJob('backfill', 0, 100)))
    const rest = await Promise.all(numbers(6).map(() => store.claimJob('backfill', 0, 100)))
    const ids = [...claimed, ...rest].flatMap((row) => (row === null ? [] : [row.id]))
    expect(ids.sort()).toEqual(numbers(6).map((n) => `j${n}`))
  })
}
