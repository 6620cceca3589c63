import type { CheckedOutput } from '@waymark/contract'
import { beforeEach, describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { START, track } from '../../test-support/entries.ts'
import { createFakeStore, type FakeStore } from '../../test-support/fake-store.ts'
import { SERVICE, sha256 } from '../../test-support/journey-process.ts'
import { status } from '../../test-support/record-shell.ts'
import { type CompiledTrack, namesOf, utcCalendar } from '../engine/index.ts'
import { assess, type Prepared, type Report } from './assess.ts'
import { contentOf, createCatalogue, liveCatalogue } from './catalogue.ts'
import { createRecorder } from './recorder.ts'
import type { Job, Recorded } from './round.ts'
import { createTombstones } from './tombstones.ts'

const catalogue = createCatalogue([track({ event: 'pipeline.created', atLeast: 3 })], registry)

/** An entry of a learner, counted by the track. */
function entry(learnerId: string, eventId: string, tenant = 'acme', second = 0): Prepared {
  const report = { principal: { ...SERVICE, tenant }, channel: 'rest', receivedAt: START + second * 1_000, fallbackId: () => 'x' }
  const event = { learnerId, eventName: 'pipeline.created', eventId }
  const found = assess({ registry, catalogue, hash: sha256 }, event, report as Report)
  if (!('prepared' in found)) throw new Error('Expected an entry')
  return found.prepared
}

const REJECTED = {
  tenant: 'acme',
  id: 'r',
  receivedAt: START,
  channel: 'rest',
  keyId: null,
  eventId: null,
  name: null,
  problem: '{}',
  body: '{}',
}

/** A job that answers with what was recorded, unless its output is to be refused. */
function job(prepared: readonly Prepared[], rest: Partial<Job> = {}): Job {
  return {
    prepared,
    rejected: [],
    trace: false,
    finish: (recorded) => ({ ok: true, output: recorded as unknown as CheckedOutput }),
    ...rest,
  }
}

/** How long each pause of the recorder was to be; none of them is waited for. */
const pauses: number[] = []
let time = START
const now = () => time
const after = (milliseconds: number, call: () => void) => {
  pauses.push(milliseconds)
  time += milliseconds
  queueMicrotask(call)
}
beforeEach(() => {
  pauses.length = 0
  time = START
})

/** An error of a store that says what comes next. */
function storeError(outlook: 'retry' | 'refused' | 'elsewhere' | 'closed'): Error {
  return Object.assign(new Error(outlook), { outlook, errcode: '22021' })
}

/** A recorder of a store whose tracks nobody changes. */
function recorderOf(store: FakeStore, rest: Partial<Parameters<typeof createRecorder>[0]> = {}) {
  return createRecorder({
    store,
    hash: sha256,
    catalogue,
    calendar: utcCalendar,
    tombstones: createTombstones(store, sha256),
    revision: () => store.tables.revision,
    reload: async () => {},
    now,
    after,
    ...rest,
  })
}

const appendsOf = (output: CheckedOutput) => (output as unknown as Recorded[]).map(({ append }) => append)
const sizes = (store: FakeStore) => store.appends.map((rows) => rows.length)
const ids = (store: FakeStore) => store.entries.map(({ eventId }) => eventId).sort()

describe('group commit', () => {
  test('jobs that are submitted in one turn share one append and one commit', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    await Promise.all(Array.from({ length: 100 }, (_, index) => recorder.submit(job([entry(`l${index % 10}`, `e${index}`)]))))
    expect(sizes(store)).toEqual([100])
    expect(store.ends).toEqual(['committed'])
  })

  test('a round that committed facts says so once, and one without says nothing', async () => {
    const store = createFakeStore()
    let told = 0
    const recorder = recorderOf(store, { onFacts: () => told++ })
    await recorder.submit(job([entry('ada', 'e1')]))
    expect([store.facts.length, told]).toEqual([1, 1])
    await recorder.submit(job([entry('ada', 'e2')]))
    expect([store.facts.length, told]).toEqual([1, 1])
    await Promise.all(['bob', 'eve'].map((name) => recorder.submit(job([entry(name, 'e1')]))))
    expect([store.facts.length, told]).toEqual([3, 2])
  })

  test('what comes while a round runs is the next one, all of it together', async () => {
    const store = createFakeStore()
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    store.beforeAppend = () => {
      started.resolve()
      return release.promise
    }
    const recorder = recorderOf(store)
    const first = recorder.submit(job([entry('ada', 'e0')]))
    await started.promise
    const rest = [1, 2, 3].map((index) => recorder.submit(job([entry('ada', `e${index}`)])))
    release.resolve()
    await Promise.all([first, ...rest])
    expect(sizes(store)).toEqual([1, 3])
  })

  test('a store that takes several rounds gets them, and no more than it takes', async () => {
    const store = createFakeStore(2)
    const release = Promise.withResolvers<void>()
    let most = 0
    store.beforeAppend = async () => {
      await release.promise
    }
    store.beforeCommit = () => {
      most = Math.max(most, store.open())
      return undefined
    }
    const recorder = recorderOf(store)
    const large = (name: string) => job(Array.from({ length: 400 }, (_, index) => entry(name, `${name}${index}`)))
    const jobs = ['a', 'b', 'c'].map((name) => recorder.submit(large(name)))
    await Promise.resolve()
    expect(sizes(store)).toEqual([400, 400])
    release.resolve()
    await Promise.all(jobs)
    expect(sizes(store)).toEqual([400, 400, 400])
    expect(most).toBeLessThanOrEqual(2)
  })

  test('a round has at most 500 entries, unless one job alone has more', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    const of = (name: string, count: number) => job(Array.from({ length: count }, (_, index) => entry(name, `${name}${index}`)))
    await Promise.all([of('a', 300), of('b', 200), of('c', 1), of('d', 600)].map((one) => recorder.submit(one)))
    expect(sizes(store)).toEqual([500, 1, 600])
  })

  test('entries are inserted sorted by tenant, subject, source and id, and states are wanted in that order', async () => {
    const store = createFakeStore()
    const wanted: string[] = []
    const { append } = store
    store.append = (rows, keys) => {
      wanted.push(...keys.map(({ tenant, subject }) => `${tenant} ${subject}`))
      return append(rows, keys)
    }
    const recorder = recorderOf(store)
    const jobs = [entry('b', '2', 'y'), entry('a', '1', 'z'), entry('b', '1', 'y'), entry('c', '1', 'x'), entry('a', '1', 'y')]
    await Promise.all(jobs.map((one) => recorder.submit(job([one]))))
    expect(store.appends[0]?.map(({ tenant, subject, eventId }) => `${tenant} ${subject} ${eventId}`)).toEqual([
      'x l:c 1',
      'y l:a 1',
      'y l:b 1',
      'y l:b 2',
      'z l:a 1',
    ])
    expect(wanted).toEqual(['x l:c', 'y l:a', 'y l:b', 'z l:a'])
  })

  test('of one id that comes twice in a round, the first submitted is recorded', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    const outputs = await Promise.all([1, 2].map(() => recorder.submit(job([entry('ada', 'same')]))))
    expect(outputs.map(appendsOf)).toEqual([['recorded'], ['duplicate']])
  })
})

describe('a job whose output is refused', () => {
  test('takes nothing of its own into the commit; the rest commits', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    const refused = job([entry('ada', 'bad')], { finish: () => ({ ok: false, error: new Error('refused') }) })
    const results = await Promise.allSettled([
      recorder.submit(job([entry('ada', 'e1')])),
      recorder.submit(refused),
      recorder.submit(job([entry('ada', 'e2')])),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { message: 'refused' } })
    expect(ids(store)).toEqual(['e1', 'e2'])
    expect(store.ends).toEqual(['rolled back', 'committed'])
  })

  test('is not asked again, and the others are told what is true without it', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    let asked = 0
    const finish = () => {
      asked += 1
      return { ok: false as const, error: new Error('refused') }
    }
    const results = await Promise.allSettled([
      recorder.submit(job([entry('ada', 'same')], { finish })),
      recorder.submit(job([entry('ada', 'same')])),
    ])
    expect(asked).toBe(1)
    expect(results[1]?.status === 'fulfilled' ? appendsOf(results[1].value) : []).toEqual(['recorded'])
  })

  test('leaves no rejected events either', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    const row = REJECTED
    const refused = job([], { rejected: [row], finish: () => ({ ok: false, error: new Error('refused') }) })
    await expect(recorder.submit(refused)).rejects.toThrow('refused')
    expect(store.rejected).toEqual([])
    await recorder.submit(job([], { rejected: [row] }))
    expect(store.rejected).toEqual([row])
  })
})

describe('a round that does not commit', () => {
  test('is done again when its states changed meanwhile', async () => {
    const store = createFakeStore()
    let stale = 3
    store.beforeCommit = () => (stale-- > 0 ? 'stale' : undefined)
    const recorder = recorderOf(store)
    expect(appendsOf(await recorder.submit(job([entry('ada', 'e1')])))).toEqual(['recorded'])
    expect(store.ends).toEqual(['stale', 'stale', 'stale', 'committed'])
    expect(ids(store)).toEqual(['e1'])
  })

  test('is given up after some seconds when its states change without end; nothing is rejected for that', async () => {
    const store = createFakeStore()
    store.beforeCommit = () => 'stale'
    const recorder = recorderOf(store)
    const submitted = recorder.submit(job([entry('ada', 'e1')], { toRejected: () => REJECTED }))
    await expect(submitted).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(time - START).toBeGreaterThan(7_000)
    expect(store.rejected).toEqual([])
    expect(store.open()).toBe(0)
  })

  test.each(['append', 'commit'] as const)('is halved when %s fails, so that one poisonous job costs no other', async (where) => {
    const store = createFakeStore()
    const poison = (rows: FakeStore['entries']) => {
      if (rows.some(({ eventId }) => eventId === 'e37')) throw new Error('poison')
    }
    if (where === 'append') store.beforeAppend = (rows) => poison([...rows])
    else
      store.beforeCommit = (rows) => {
        poison([...rows])
        return undefined
      }
    const recorder = recorderOf(store)
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => recorder.submit(job([entry(`l${index}`, `e${index}`)]))),
    )
    expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([37])
    expect(results[37]).toMatchObject({ reason: { message: 'poison' } })
    expect(store.entries).toHaveLength(99)
    expect(store.open()).toBe(0)
    expect(store.appends.length).toBeLessThan(20)
  })

  test('is halved too when what publishing owes somebody is poisonous, and costs nobody else', async () => {
    const store = createFakeStore()
    const model = track({ event: 'pipeline.created', atLeast: 3 })
    const live = liveCatalogue(catalogue)
    const recorder = recorderOf(store, { catalogue: live })
    await recorder.submit(job([entry('ada', 'e1')]))
    const { key, version } = model
    const versions = [{ tenant: '*', key, version, ...contentOf(model, sha256), publishedAt: START + 1_000 }]
    const statuses = [status(key, { policy: 'restart', generation: 1 })]
    live.replace(createCatalogue([model], registry, { versions, statuses }))
    store.beforeAppend = (rows) => {
      if (rows.some(({ name }) => name === 'waymark.reset')) throw storeError('refused')
    }
    const toRejected = (index: number) => ({ ...REJECTED, id: `r${index}` })
    const answers = await Promise.all([
      recorder.submit(job([entry('ada', 'e2'), entry('eve', 'e3')], { toRejected })),
      recorder.submit(job([entry('bob', 'e4')])),
    ])
    expect(answers.map(appendsOf)).toEqual([['refused', 'recorded'], ['recorded']])
    expect(store.rejected).toEqual([{ ...REJECTED, id: 'r0' }])
    expect([ids(store), store.open()]).toEqual([['e1', 'e3', 'e4'], 0])
  })

  test('is halved within a job too: the entry that the database refuses is kept, and the job learns which one it was', async () => {
    const store = createFakeStore()
    store.beforeAppend = (rows) => {
      if (rows.some(({ eventId }) => eventId === 'e37')) throw storeError('refused')
    }
    const recorder = recorderOf(store)
    const prepared = Array.from({ length: 99 }, (_, index) => entry(`l${index % 10}`, `e${index}`))
    const answers = await recorder.submit(
      job(prepared, { toRejected: (index, error) => ({ ...REJECTED, id: `r${index}`, problem: (error as Error).message }) }),
    )
    expect(appendsOf(answers)).toEqual(prepared.map((_, index) => (index === 37 ? 'refused' : 'recorded')))
    expect(store.entries).toHaveLength(98)
    expect(store.rejected).toEqual([{ ...REJECTED, id: 'r37', problem: 'refused' }])
    expect(store.open()).toBe(0)
    expect(pauses).toEqual([])
  })

  test('is done again with growing pauses while the connection is lost, and nobody is answered before', async () => {
    const store = createFakeStore()
    let lost = 6
    store.beforeAppend = () => {
      if (lost-- > 0) throw storeError('retry')
    }
    const recorder = recorderOf(store)
    const outputs = await Promise.all([1, 2, 3].map((index) => recorder.submit(job([entry('ada', `e${index}`)]))))
    expect(outputs.map(appendsOf)).toEqual([['recorded'], ['recorded'], ['recorded']])
    expect(pauses).toEqual([25, 50, 100, 200, 400, 500])
    expect(sizes(store)).toEqual([3, 3, 3, 3, 3, 3, 3])
  })

  test('is given up after some seconds without a connection, with an answer that may be sent again', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      throw storeError('retry')
    }
    const recorder = recorderOf(store)
    await expect(recorder.submit(job([entry('ada', 'e1')]))).rejects.toMatchObject({ code: 'TIMEOUT', init: { retryAfter: 1 } })
    expect(time - START).toBeGreaterThan(7_000)
    expect(time - START).toBeLessThan(9_000)
  })

  test('is done again once, and no more, when it takes all the time to find out that the connection is lost', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      time += 12_000
      throw storeError('retry')
    }
    const recorder = recorderOf(store)
    await expect(recorder.submit(job([entry('ada', 'e1')]))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(store.appends).toHaveLength(2)
  })

  test('leaves what only another release can fold to be sent again, and keeps nothing of it as rejected', async () => {
    const store = createFakeStore()
    store.beforeCommit = (rows) => {
      if (rows.some(({ eventId }) => eventId === 'e3')) throw storeError('elsewhere')
      return undefined
    }
    const recorder = recorderOf(store)
    const toRejected = () => REJECTED
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((index) => recorder.submit(job([entry(`l${index}`, `e${index}`)], { toRejected }))),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(ids(store)).toEqual(['e1', 'e2', 'e4'])
    expect(store.rejected).toEqual([])
  })

  test('is not tried again on a store that is closed', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      throw storeError('closed')
    }
    const recorder = recorderOf(store)
    const jobs = [1, 2, 3].map((index) => recorder.submit(job([entry('ada', `e${index}`)])))
    for (const result of await Promise.allSettled(jobs)) expect(result).toMatchObject({ reason: { message: 'closed' } })
    expect(store.appends).toHaveLength(1)
  })

  test('is rolled back when an answer throws, and only that job fails', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    const broken = job([entry('ada', 'bad')], {
      finish: () => {
        throw new Error('defect')
      },
    })
    const results = await Promise.allSettled([recorder.submit(broken), recorder.submit(job([entry('ada', 'e1')]))])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(ids(store)).toEqual(['e1'])
    expect(store.open()).toBe(0)
  })

  test('leaves the recorder ready for the next', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      throw new Error('lost')
    }
    const recorder = recorderOf(store)
    await expect(recorder.submit(job([entry('ada', 'e1')]))).rejects.toThrow('lost')
    store.beforeAppend = () => undefined
    expect(appendsOf(await recorder.submit(job([entry('ada', 'e1')])))).toEqual(['recorded'])
  })
})

describe('a queue', () => {
  test('that is full refuses with RATE_LIMITED, and takes jobs again once it is shorter', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      throw new Error('lost')
    }
    const recorder = recorderOf(store)
    const one = entry('ada', 'e1')
    const large = job(Array.from({ length: 25_000 }, () => one))
    const taken = Promise.allSettled([recorder.submit(large), recorder.submit(large)])
    await expect(recorder.submit(job([one]))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      init: { retryAfter: 1, detail: '50000 entries are waiting to be stored.' },
    })
    await taken
    store.beforeAppend = () => undefined
    expect(appendsOf(await recorder.submit(job([one])))).toEqual(['recorded'])
  })

  test('is idle when nothing is queued or in a round', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    await recorder.idle()
    const done: string[] = []
    const submitted = recorder.submit(job([entry('ada', 'e1')])).then(() => done.push('answered'))
    await recorder.idle().then(() => done.push('idle'))
    await submitted
    expect(done).toEqual(['answered', 'idle'])
    expect(store.open()).toBe(0)
  })

  test('becomes idle after a failure too', async () => {
    const store = createFakeStore()
    store.beforeAppend = () => {
      throw new Error('lost')
    }
    const recorder = recorderOf(store)
    const submitted = expect(recorder.submit(job([entry('ada', 'e1')]))).rejects.toThrow('lost')
    await recorder.idle()
    await submitted
  })
})

describe('history', () => {
  test('is read once per round, for the tracks and subjects that need it', async () => {
    const store = createFakeStore()
    const recorder = recorderOf(store)
    await Promise.all(
      ['ada', 'bob', 'cem'].map((learner) =>
        recorder.submit(job([entry(learner, 'e5', 'acme', 5), entry(learner, 'e6', 'acme', 6)])),
      ),
    )
    expect(store.histories).toEqual([])
    await Promise.all([
      recorder.submit(job([entry('ada', 'e1', 'acme', 1)])),
      recorder.submit(job([entry('bob', 'e9', 'acme', 9)])),
      recorder.submit(job([entry('cem', 'e2', 'acme', 2)])),
    ])
    const names = namesOf(catalogue.track('track') as CompiledTrack)
    expect(names).toEqual(expect.arrayContaining(['pipeline.created', 'waymark.enrolled']))
    expect(store.histories).toEqual([
      [
        { subject: 'l:ada', names },
        { subject: 'l:cem', names },
      ],
    ])
  })
})
