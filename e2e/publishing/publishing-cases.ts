import type { JournalStore } from '@waymark/learning-journey/ports'
import { afterEach, describe, expect, it } from 'vitest'
import { DAY, LiveJourney, MINUTE, START, track } from './live-journey.ts'

const A = { event: 'event.a' }
const B = { event: 'event.b' }
const C = { event: 'event.c' }
const TWO = track('1.0.0', { a: { complete: A, reward: { xp: 10 } }, b: { complete: B, reward: { xp: 20 } } })
const THREE = track('2.0.0', {
  a: { complete: A, reward: { xp: 10 } },
  b: { complete: B, reward: { xp: 20 } },
  c: { complete: C, reward: { xp: 30, badge: 'explorer' } },
})

/**
 * What publishing means on a store.
 * @param many how many have earned a new badge already.
 */
export function publishingCases(
  open: () => Promise<{ readonly store: JournalStore; remove(): Promise<void> }>,
  many = 10_000,
): void {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  const openStore = async () => {
    const { store, remove } = await open()
    ends.push(async () => {
      await store.close()
      await remove()
    })
    return store
  }
  const start = async (tracks = [TWO], store?: JournalStore, options = {}) => {
    const journey = await LiveJourney.start(store ?? (await openStore()), tracks, options)
    ends.push(() => journey.close())
    return journey
  }

  describe('publishTrack', () => {
    it('serves a version at once, and its backfill brings everybody to it', async () => {
      const live = await start()
      await live.event('ann', 'a')
      await live.event('bob', 'c')
      const answer = await live.publish(THREE)
      expect(answer).toMatchObject({ trackId: 'first-win', version: '2.0.0', policy: 'carry', published: true })
      expect(await live.job(answer.jobId)).toMatchObject({
        kind: 'backfill',
        status: 'done',
        done: 2,
        total: 2,
        facts: 4,
        failed: 0,
      })
      expect(await live.progress('ann')).toMatchObject({ version: '2.0.0', percent: 33, xp: 10 })
      expect(await live.progress('bob')).toMatchObject({ percent: 33, xp: 30, badges: ['explorer'] })
      expect(await live.told('bob')).toEqual(['enrolled *', 'step.completed c *', 'xp.granted c *', 'badge.granted c *'])
      expect(live.failures).toEqual([])
    })

    it('refuses what the lint refuses, with pointers, and a version with another content', async () => {
      const live = await start()
      const wrong = { ...THREE, steps: [{ key: 'a', complete: { event: 'event.aa' } }] }
      expect(await live.problem('publishTrack', { definition: wrong })).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ pointer: '/definition/steps/0/complete/event' }],
      })
      expect(await live.problem('publishTrack', { definition: { ...TWO, steps: THREE.steps } })).toMatchObject({
        code: 'VERSION_TAKEN',
        data: { trackId: 'first-win', version: '1.0.0' },
      })
      expect(await live.store.readTrackStatus()).toEqual([])
    })

    it('again changes nothing, and adds the job that a process which died left out', async () => {
      const live = await start()
      await live.publish(THREE)
      await live.jobs()
      expect(await live.publish(THREE)).toMatchObject({ published: false, jobId: null })
      await live.store.putTrackStatus({
        key: 'first-win',
        status: 'active',
        version: '1.0.0',
        policy: 'carry',
        generation: 0,
        changedAt: 1,
      })
      const again = await live.publish(TWO)
      expect(again).toMatchObject({ published: false, jobId: expect.any(String) })
    })

    it('again adds the job that was left out, also of a version that had one once', async () => {
      const live = await start()
      const served = async (version: string, more = {}) => {
        live.now += MINUTE
        await live.store.putTrackStatus({
          key: 'first-win',
          status: 'active',
          version,
          policy: 'carry',
          generation: 1,
          changedAt: live.now,
          ...more,
        })
      }
      await live.publish(THREE)
      await live.jobs()
      await served('1.0.0')
      await served('2.0.0')
      expect(await live.publish(THREE)).toMatchObject({ published: false, jobId: expect.any(String) })
      await live.jobs()
      expect(await live.publish(THREE)).toMatchObject({ published: false, jobId: null })
      await served('2.0.0', { generation: 2 })
      const resumed = { trackId: 'first-win', status: 'active' }
      expect(await live.ok('setTrackStatus', resumed)).toMatchObject({ changed: false, jobId: expect.any(String) })
      await live.jobs()
      expect(await live.ok('setTrackStatus', resumed)).toMatchObject({ changed: false, jobId: null })
    })

    it('reaches other nodes, and a node that starts with older files', async () => {
      const store = await openStore()
      const [one, other] = [await start([TWO], store), await start([TWO], store)]
      await other.event('ann', 'a')
      await one.publish(THREE)
      await one.jobs()
      other.now += MINUTE
      await other.event('ann', 'c')
      expect(await other.progress('ann')).toMatchObject({ version: '2.0.0', percent: 66 })
      expect(await (await start([TWO], store)).progress('ann')).toMatchObject({ version: '2.0.0', percent: 66 })
    })

    it('of a file with a newer version at the next start goes on from what was published by hand', async () => {
      const live = await start()
      await live.publish(THREE)
      await live.jobs()
      const next = await start([{ ...THREE, version: '3.0.0' }], live.store)
      expect((await next.ok('listTrackVersions', {})).items).toMatchObject([
        { version: '3.0.0', served: true, versions: [{ version: '3.0.0' }, { version: '2.0.0' }, { version: '1.0.0' }] },
      ])
    })

    it('in manual mode is the only way to change what is served, but for the first start', async () => {
      const store = await openStore()
      const first = await start([TWO], store, { publish: 'manual' })
      await first.event('ann', 'a')
      const next = await start([THREE], store, { publish: 'manual' })
      expect(await next.progress('ann')).toMatchObject({ version: '1.0.0' })
      await next.publish(THREE)
      expect(await next.progress('ann')).toMatchObject({ version: '2.0.0' })
    })

    it('leaves out what a server cannot serve, and says so, so that a better version can be published', async () => {
      const live = await start([TWO], undefined, { names: ['a', 'b', 'c'] })
      await live.publish(THREE)
      await live.jobs()
      const poor = await start([], live.store, { names: ['a', 'b'] })
      expect((await poor.ok('listTrackVersions', {})).items).toMatchObject([{ trackId: 'first-win', served: false }])
      expect(await poor.publish(track('3.0.0', { a: A }))).toMatchObject({ published: true })
      expect((await poor.ok('listTracks', {})).items).toMatchObject([{ trackId: 'first-win', version: '3.0.0' }])
    })
  })

  describe('carry', () => {
    it.each([
      ['by the backfill', true],
      ['by the next event', false],
    ])('computes everybody anew %s, and the facts say that they are of the past', async (_, isBackfilled) => {
      const live = await start()
      await live.event('ann', 'c')
      live.now += MINUTE
      await live.event('ann', 'a')
      const job = isBackfilled ? await live.publish(THREE) : await live.store.putTrackStatus(await servedBy(live, THREE))
      if (job !== undefined) await live.jobs()
      live.now += MINUTE
      await live.event('ann', 'b')
      expect(await live.progress('ann')).toMatchObject({
        status: 'completed',
        percent: 100,
        xp: 60,
        startedAt: new Date(START).toISOString(),
      })
      const told = await live.told('ann')
      expect(told).toContain('step.completed c *')
      expect(told).toContain('step.completed a')
      expect(told).toContain('step.completed b')
      expect(told).toContain('track.completed')
    })

    it('completes who has done all that is left of a version, and keeps what a removed step gave (A24)', async () => {
      const live = await start([THREE])
      await live.event('ann', 'c')
      live.now += MINUTE
      await live.event('ann', 'a')
      await live.publish(track('3.0.0', { a: { complete: A, reward: { xp: 10 } } }, { completion: { xp: 5 } }))
      await live.jobs()
      expect(await live.progress('ann')).toMatchObject({ status: 'completed', percent: 100, xp: 45 })
    })

    it('leaves who had finished finished, in the list of runs and for explain too', async () => {
      const live = await start()
      await live.event('ann', 'a')
      live.now += MINUTE
      await live.event('ann', 'b')
      await live.publish(THREE)
      await live.jobs()
      expect(await live.progress('ann')).toMatchObject({ status: 'completed', percent: 66 })
      expect((await live.ok('listEnrolments', {})).items).toMatchObject([{ status: 'completed', percent: 66, version: '2.0.0' }])
      const { tracks } = await live.ok('explain', { learnerId: 'ann', trackId: 'first-win' })
      expect(tracks).toMatchObject([{ status: 'completed' }])
    })
  })

  describe('pin', () => {
    it('keeps open runs on their version until they are over, and starts others in the new one', async () => {
      const live = await start()
      await live.event('ann', 'a')
      await live.publish(THREE, 'pin')
      await live.jobs()
      live.now += MINUTE
      await live.event('bob', 'a')
      expect(await live.progress('ann')).toMatchObject({ version: '1.0.0', percent: 50 })
      expect(await live.progress('bob')).toMatchObject({ version: '2.0.0', percent: 33 })
      live.now += MINUTE
      await live.event('ann', 'b')
      expect(await live.progress('ann')).toMatchObject({ version: '2.0.0', status: 'completed', percent: 66, xp: 30 })
      live.now += MINUTE
      await live.event('ann', 'c')
      expect(await live.progress('ann')).toMatchObject({ percent: 100, xp: 60 })
    })

    it('lets the deadlines of a pinned version pass, and takes events that only it listens to', async () => {
      const old = track('1.0.0', { a: A, d: { complete: { event: 'event.d' }, due: { after: 'P1D' }, required: false }, b: B })
      const live = await start([old])
      await live.event('ann', 'a')
      await live.event('bob', 'a')
      await live.publish(THREE, 'pin')
      await live.jobs()
      live.now += MINUTE
      await live.event('bob', 'd')
      live.now += 2 * DAY
      await live.wake()
      expect(await live.told('ann')).toContain('step.missed d')
      expect(await live.told('bob')).toContain('step.completed d')
      expect((await live.ok('explain', { learnerId: 'bob', trackId: 'first-win', stepId: 'd' })).steps).toMatchObject([
        { status: 'completed' },
      ])
    })
  })

  describe('restart and exit', () => {
    it.each(['restart', 'exit'])('%s: the backfill and the next event lead to the same state, byte by byte', async (policy) => {
      const states = []
      for (const isBackfilled of [true, false]) {
        const live = await start()
        await live.event('ann', 'a')
        live.now += MINUTE
        if (isBackfilled) {
          await live.publish(THREE, policy)
          await live.jobs()
        } else await live.store.putTrackStatus(await servedBy(live, THREE, policy))
        live.now += MINUTE
        await live.event('ann', 'b')
        states.push(await live.state('ann'))
        expect(await live.progress('ann')).toMatchObject(
          policy === 'restart' ? { run: 1, percent: 33, status: 'active', xp: 30 } : { run: 0, status: 'exited' },
        )
        const told = await live.told('ann')
        expect(told).toContain('exited *')
        expect(told.filter((fact) => fact.startsWith('enrolled'))).toEqual(
          policy === 'restart' ? ['enrolled', 'enrolled *'] : ['enrolled'],
        )
      }
      expect(states[0]).toBe(states[1])
    })

    it('ends a run before a deadline of it passes', async () => {
      const live = await start([track('1.0.0', { a: A, b: { complete: B, due: { after: 'P1D' } } })])
      await live.event('ann', 'a')
      live.now += MINUTE
      await live.store.putTrackStatus(
        await servedBy(live, track('2.0.0', { a: A, b: { complete: B, due: { after: 'P1D' } } }), 'exit'),
      )
      live.now += 2 * DAY
      await live.wake()
      const told = await live.told('ann')
      expect(told).toContain('exited *')
      expect(told.some((fact) => fact.startsWith('step.missed'))).toBe(false)
    })

    it('touches neither who has finished nor who starts later, and is over once everybody was reached', async () => {
      const live = await start([track('1.0.0', { a: A })])
      await live.event('ann', 'a')
      live.now += MINUTE
      await live.publish(THREE, 'restart')
      await live.jobs()
      live.now += MINUTE
      await live.event('bob', 'a')
      for (const status of ['paused', 'active']) await live.ok('setTrackStatus', { trackId: 'first-win', status })
      await live.jobs()
      expect(await live.progress('ann')).toMatchObject({ run: 0, status: 'completed' })
      expect(await live.progress('bob')).toMatchObject({ run: 0, status: 'active' })
      expect(await live.store.readTrackStatus()).toMatchObject([{ policy: 'carry', version: '2.0.0' }])
    })
  })

  describe('a status', () => {
    it('paused: nothing starts and nothing is missed; active again: all that happened meanwhile counts', async () => {
      const live = await start([track('1.0.0', { a: A, b: { complete: B, due: { after: 'P1D' } }, c: C })])
      await live.event('ann', 'a')
      expect(await live.ok('setTrackStatus', { trackId: 'first-win', status: 'paused' })).toMatchObject({
        changed: true,
        jobId: null,
      })
      live.now += 2 * DAY
      await live.wake()
      const { outcomes } = await live.ok('recordEvent', { learnerId: 'ann', eventName: 'event.c' })
      expect(outcomes).toMatchObject([{ stepId: 'c', verdict: 'unchanged', reason: 'paused' }])
      await live.event('bob', 'a')
      expect(await live.told('bob')).toEqual([])
      expect(await live.told('ann')).not.toContain('step.missed b')
      const { jobId } = await live.ok('setTrackStatus', { trackId: 'first-win', status: 'active' })
      expect(await live.job(jobId)).toMatchObject({ status: 'done', done: 2 })
      expect(await live.told('ann')).toEqual(expect.arrayContaining(['step.missed b *', 'step.completed c *']))
      expect(await live.told('bob')).toContain('enrolled *')
    })

    it('paused: what was completed in it still opens the tracks that come after it', async () => {
      const live = await start([
        track('1.0.0', { a: A }),
        track('1.0.0', { b: B, c: C }, { key: 'second', after: { all: ['first-win'] } }),
      ])
      for (const name of ['a', 'b']) await live.event('ann', name)
      await live.ok('setTrackStatus', { trackId: 'first-win', status: 'paused' })
      live.now += MINUTE
      await live.event('ann', 'c')
      expect(await live.told('ann')).toEqual(expect.arrayContaining(['step.completed b', 'step.completed c']))
      const { tracks } = await live.ok('getProgress', { learnerId: 'ann', trackId: 'second' })
      expect(tracks).toMatchObject([{ status: 'completed', percent: 100 }])
      const { steps } = await live.ok('explain', { learnerId: 'ann', trackId: 'second', stepId: 'c' })
      expect(steps).toMatchObject([{ status: 'completed', missing: [] }])
    })

    it('active again: a deadline that is yet to come passes, though another track rang in the pause', async () => {
      const live = await start([
        track('1.0.0', { a: A, b: { complete: B, due: { after: 'P1D' } } }),
        track('1.0.0', { a: A, b: { complete: B, due: { after: 'PT1M' } } }, { key: 'second' }),
      ])
      await live.event('ann', 'a')
      await live.ok('setTrackStatus', { trackId: 'first-win', status: 'paused' })
      live.now += 2 * MINUTE
      await live.wake()
      await live.ok('setTrackStatus', { trackId: 'first-win', status: 'active' })
      await live.jobs()
      live.now += DAY
      await live.wake()
      expect((await live.facts('ann')).filter(({ step, name }) => step === 'b' && name.endsWith('missed'))).toMatchObject([
        { track: 'second' },
        { track: 'first-win' },
      ])
    })

    it('archived: the track is not served, until it is active or published again', async () => {
      const live = await start()
      await live.ok('setTrackStatus', { trackId: 'first-win', status: 'archived' })
      expect((await live.ok('listTracks', {})).items).toEqual([])
      expect(await live.problem('getProgress', { learnerId: 'ann', trackId: 'first-win' })).toMatchObject({
        code: 'TRACK_NOT_FOUND',
      })
      expect(await live.problem('backfillTrack', { trackId: 'first-win' })).toMatchObject({ code: 'TRACK_PAUSED' })
      const next = await start([TWO], live.store)
      expect((await next.ok('listTracks', {})).items).toEqual([])
      expect(await next.publish(THREE)).toMatchObject({ published: true })
      expect((await next.ok('listTracks', {})).items).toMatchObject([{ version: '2.0.0' }])
    })

    it('cannot be archived while another track comes after it; unknown tracks are not found', async () => {
      const live = await start([TWO, track('1.0.0', { a: A }, { key: 'second', after: { all: ['first-win'] } })])
      expect(await live.problem('setTrackStatus', { trackId: 'first-win', status: 'archived' })).toMatchObject({
        code: 'TRACK_IN_USE',
        data: { by: ['second'] },
      })
      for (const [operation, input] of Object.entries({
        setTrackStatus: { status: 'paused' },
        rollbackTrack: {},
        backfillTrack: {},
      }))
        expect(await live.problem(operation, { trackId: 'nope', ...input })).toMatchObject({ code: 'TRACK_NOT_FOUND' })
    })

    it('paused refuses another version until the track goes on', async () => {
      const live = await start()
      await live.ok('setTrackStatus', { trackId: 'first-win', status: 'paused' })
      expect(await live.problem('publishTrack', { definition: THREE })).toMatchObject({
        code: 'TRACK_PAUSED',
        data: { status: 'paused' },
      })
    })
  })

  describe('rollbackTrack', () => {
    it('serves the version before again, and who was carried over is carried back', async () => {
      const live = await start()
      await live.event('ann', 'a')
      await live.publish(THREE)
      await live.jobs()
      live.now += MINUTE
      expect(await live.ok('rollbackTrack', { trackId: 'first-win' })).toMatchObject({
        version: '1.0.0',
        policy: 'carry',
        published: true,
      })
      await live.jobs()
      expect(await live.progress('ann')).toMatchObject({ version: '1.0.0', percent: 50, xp: 10 })
      live.now += MINUTE
      expect(await live.ok('rollbackTrack', { trackId: 'first-win', version: '2.0.0' })).toMatchObject({ version: '2.0.0' })
      await live.jobs()
      expect(await live.progress('ann')).toMatchObject({ version: '2.0.0', percent: 33, xp: 10 })
      expect(await live.problem('rollbackTrack', { trackId: 'first-win', version: '9.0.0' })).toMatchObject({
        code: 'VERSION_NOT_FOUND',
        data: { version: '9.0.0', published: ['1.0.0', '2.0.0'] },
      })
    })

    it('again under its key says what it did, and does not go back further; so do the others that add a job', async () => {
      const live = await start()
      await live.event('ann', 'a')
      await live.publish(THREE)
      await live.jobs()
      const once = async (operation: string, input: object) => {
        const first = await live.ok(operation, input, 'key')
        await live.jobs()
        expect(await live.ok(operation, input, 'key')).toEqual(first)
        return first.jobId
      }
      const jobs = [
        await once('rollbackTrack', { trackId: 'first-win' }),
        await once('backfillTrack', { trackId: 'first-win' }),
        await once('dryRunTrack', { definition: THREE }),
        await once('dryRunTrack', { definition: TWO }),
      ]
      expect(await live.progress('ann')).toMatchObject({ version: '1.0.0' })
      expect(new Set(jobs).size).toBe(4)
      // One of them brought everybody to the version that was published first.
      expect((await live.ok('listJobs', {})).items).toHaveLength(5)
    })
  })

  describe('a backfill', () => {
    it('keeps other changes of its track waiting until it ends or is cancelled', async () => {
      const live = await start()
      await live.event('ann', 'a')
      await live.store.addJob({
        id: 'j',
        kind: 'backfill',
        status: 'running',
        spec: '{"track":"first-win","version":"1.0.0"}',
        progress: PROGRESS,
        createdAt: 1,
        updatedAt: 1,
      })
      await live.store.claimJob('backfill', 0, Number.MAX_SAFE_INTEGER)
      for (const [operation, input] of Object.entries({
        publishTrack: { definition: THREE },
        backfillTrack: { trackId: 'first-win' },
      }))
        expect(await live.problem(operation, input)).toMatchObject({ code: 'BACKFILL_RUNNING', data: { jobId: 'j' } })
      expect(await live.ok('cancelJob', { jobId: 'j' })).toMatchObject({ cancelled: true })
      expect(await live.ok('cancelJob', { jobId: 'j' })).toMatchObject({ cancelled: false })
      expect(await live.problem('cancelJob', { jobId: 'k' })).toMatchObject({ code: 'JOB_NOT_FOUND' })
      expect(await live.publish(THREE)).toMatchObject({ published: true })
      await live.jobs()
      const page = await live.ok('listJobs', { trackId: 'first-win', limit: 1 })
      expect(page.items).toMatchObject([{ status: 'done', version: '2.0.0' }])
      const rest = await live.ok('listJobs', { limit: 5, cursor: page.nextCursor })
      expect(rest).toMatchObject({ items: [{ jobId: 'j', status: 'cancelled' }], nextCursor: null })
    })

    it('goes on where a process that died was, and counts nobody twice', async () => {
      const live = await start()
      for (const name of ['a1', 'b1', 'c1', 'd1']) await live.event(name, 'c')
      await live.publish(THREE)
      await live.jobs()
      await live.event('e1', 'c')
      // As if the process had died after the first page.
      const progress = {
        counted: 4,
        isCounted: true,
        cursor: { tenant: 'default', subject: 'l:b1' },
        done: 2,
        facts: 0,
        failed: 0,
        since: START,
      }
      await live.store.addJob({
        id: 'dead',
        kind: 'backfill',
        status: 'running',
        spec: '{"track":"first-win","version":"2.0.0"}',
        progress: JSON.stringify(progress),
        createdAt: START,
        updatedAt: START,
      })
      expect(await live.job('dead')).toMatchObject({ status: 'done', done: 5, total: 4, facts: 0 })
    })

    it('counts what happened before a track was published', async () => {
      const live = await start([TWO])
      await live.event('ann', 'd')
      const { jobId } = await live.publish(
        track('1.0.0', { d: { complete: { event: 'event.d' }, reward: { badge: 'early' } } }, { key: 'second' }),
      )
      expect(await live.job(jobId)).toMatchObject({ facts: 4 })
      expect(await live.told('ann')).toContain('badge.granted d *')
    })

    it('passes over a subject that it cannot look at, and says so', async () => {
      const live = await start()
      await live.event('ann', 'c')
      const { append } = live.store
      live.store.append = async (entries, wanted) => {
        if (wanted.some(({ subject }) => subject === 'l:bad')) throw new RangeError('unreadable')
        return append.call(live.store, entries, wanted)
      }
      const { readSubjects } = live.store
      live.store.readSubjects = async (after, count) => {
        const found = await readSubjects.call(live.store, after, count)
        return after?.subject === 'l:bad' ? [] : [...found, { tenant: 'default', subject: 'l:bad' }]
      }
      const { jobId } = await live.publish(THREE)
      expect(await live.job(jobId)).toMatchObject({ status: 'done', done: 2, failed: 1 })
      expect(await live.progress('ann')).toMatchObject({ percent: 33 })
      expect(live.failures).toMatchObject([
        { message: expect.stringContaining('l:bad of default'), cause: { message: expect.stringContaining('unreadable') } },
      ])
    })
  })

  describe('dryRunTrack', () => {
    const people = async (live: LiveJourney) => {
      await live.event('ann', 'a')
      await live.event('bob', 'c')
      await live.event('eve', 'd')
      for (const name of ['a', 'c']) await live.event('dan', name)
      for (const name of ['a', 'b']) await live.event('fay', name)
    }

    it.each([
      [
        'carry',
        {
          restarting: 0,
          exiting: 0,
          staying: 0,
          steps: [
            { newly: 0, before: 3, after: 3 },
            { newly: 0, before: 1 },
            { stepId: 'c', before: 0, after: 2, newly: 2 },
          ],
          percent: { up: 1, same: 0, down: 2 },
          xp: 60,
          badges: [{ badge: 'explorer', people: 2 }],
        },
      ],
      ['pin', { restarting: 0, staying: 2, percent: { up: 0, same: 2, down: 1 }, xp: 30, badges: [{ people: 1 }] }],
      ['restart', { restarting: 2, exiting: 0, staying: 0 }],
      ['exit', { restarting: 0, exiting: 2 }],
    ])('%s: says what publishing then does, to the last fact', async (policy, expected) => {
      const live = await start()
      await people(live)
      live.now += MINUTE
      const before = await live.store.readRevision()
      const { jobId } = await live.ok('dryRunTrack', { definition: THREE, policy })
      const job = await live.job(jobId)
      expect(job).toMatchObject({
        kind: 'dry-run',
        status: 'done',
        done: 5,
        total: 5,
        failed: 0,
        report: {
          subjects: 5,
          enrolled: { before: 3, after: 4 },
          starting: 1,
          completed: { before: 1, after: 1, newly: 0 },
          standing: 1,
          ...expected,
        },
      })
      expect(await live.store.readRevision()).toBe(before)
      expect(await live.told('bob')).toEqual([])
      await live.publish(THREE, policy)
      await live.jobs()
      const { report } = job as { report: { xp: number; starting: number; steps: { stepId: string; after: number }[] } }
      const after = await Promise.all(['ann', 'bob', 'eve', 'dan', 'fay'].map((who) => live.progress(who)))
      expect(after.reduce((sum, { xp }) => sum + Number(xp), 0)).toBe(60 - 10 + report.xp)
      expect(after.filter(({ run }) => run !== undefined)).toHaveLength(4)
    })

    it('does not promise again what a removed step gave, as it comes back', async () => {
      const live = await start([THREE])
      await live.event('ann', 'c')
      await live.publish(track('3.0.0', { a: A, b: B }))
      await live.jobs()
      const again = { ...THREE, version: '4.0.0' }
      const { jobId } = await live.ok('dryRunTrack', { definition: again })
      expect(await live.job(jobId)).toMatchObject({
        report: { xp: 0, badges: [], steps: [{}, {}, { before: 0, after: 1, newly: 0 }] },
      })
      const { jobId: published } = await live.publish(again)
      expect(await live.job(published)).toMatchObject({ status: 'done' })
      expect(await live.progress('ann')).toMatchObject({ xp: 30, percent: 33 })
    })

    it('looks at a sample, evenly spread', async () => {
      const live = await start()
      for (let number = 0; number < 20; number++) await live.event(`p${number}`, 'c')
      const { jobId } = await live.ok('dryRunTrack', { definition: THREE, sample: 5 })
      expect(await live.job(jobId)).toMatchObject({ done: 20, report: { subjects: 5, starting: 5 } })
    })

    it('says how many have earned a new badge already (A37)', async () => {
      const live = await start()
      for (let from = 0; from < many; from += 200)
        await live.ok('ingest', {
          events: Array.from({ length: 200 }, (_, index) => ({
            learnerId: `p${from + index}`,
            eventName: 'event.c',
            eventId: 'e',
          })),
        })
      const badge = track('1.0.0', { c: { complete: C, reward: { badge: 'explorer' } } }, { key: 'badge' })
      const { jobId } = await live.ok('dryRunTrack', { definition: badge })
      expect(await live.job(jobId)).toMatchObject({ report: { badges: [{ badge: 'explorer', people: many }] } })
      const published = await live.publish(badge)
      expect(await live.job(published.jobId)).toMatchObject({ done: many, facts: 4 * many })
      const facts = await live.facts(`p${many - 1}`)
      expect(facts.every(({ backfilled }) => backfilled)).toBe(true)
    })
  })
}

const PROGRESS = JSON.stringify({ counted: 0, isCounted: false, cursor: null, done: 0, facts: 0, failed: 0, since: null })

/** Stores a version as publishing does, and leaves the backfill out: what is left to do is done by who is touched first. */
async function servedBy({ store, now }: LiveJourney, model: ReturnType<typeof track>, policy = 'carry') {
  const definition = JSON.stringify(model)
  await store.putTrackVersion({
    tenant: '*',
    key: model.key,
    version: model.version,
    contentHash: 'x',
    definition,
    publishedAt: now,
  })
  const generation = policy === 'carry' ? 0 : 1
  return { key: model.key, status: 'active', version: model.version, policy, generation, changedAt: now } as never
}
