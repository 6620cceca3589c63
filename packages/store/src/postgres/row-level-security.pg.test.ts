import { beforeAll, expect, inject, it } from 'vitest'
import { makeDatabase, query } from '../../fixtures/make-database.ts'
import { checkpoint, enrolment, entry, fact, record, rejected, stateWrite, trackVersion } from '../conformance/rows.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { createPostgresStore } from './postgres-store.ts'

/** A database with a row in every table, made by a login that is no superuser. */
let owner: string
let tables: readonly string[]

beforeAll(async () => {
  // The roles belong to the server: an administrator makes them, here with a database of his own, and grants them to the login.
  await migratePostgres(await makeDatabase(inject('postgres')))
  const admin = await makeDatabase(inject('postgres'))
  await query(admin, `do $$ begin create role shop login; exception when duplicate_object then null; end $$`)
  await query(admin, `do $$ begin execute format('grant create on database %I to shop', current_database()); end $$`)
  owner = admin.replace('//waymark@', '//shop@')
  await query(admin, 'grant waymark_app, waymark_worker to shop')
  const store = await createPostgresStore({ url: owner })
  for (const tenant of ['acme', 'globex']) {
    const key = { tenant, subject: 'l:ada' }
    await record(store, [entry({ ...key })], [key], () => ({
      states: [stateWrite(key, 0, 1)],
      facts: [fact({ ...key })],
      rejected: [rejected({ tenant })],
      checkpoints: [checkpoint(1, key)],
      timers: [{ ...key, at: 1 }],
      enrolments: [enrolment(key)],
      outgoing: [{ ...key, kind: 'entry', source: 'crm', eventId: 'e1', event: 'deal.created@1' }],
      memberships: [{ tenant, learner: 'ada', account: 'north', since: 1, until: null }],
    }))
    await store.merge({ tenant, from: 'l:anon', into: 'l:ada', mergedAt: 1 })
    await store.countUnknownEvents([{ tenant, name: 'page', count: 1, firstAt: 1, lastAt: 1, samples: '["secret"]' }], 9)
    await store.erase([], [{ tenant, idHash: 'h', erasedAt: 1 }])
    await store.unitOfWork.run(tenant, async (tx) => {
      await tx.idempotency.keep('scope', { inputHash: 'h', answer: '1' }, Date.now() + 60_000)
      await tx.inbox.add({ handler: 'crm/deal.created@1', source: '', eventId: 'e1' }, Date.now(), Date.now() + 60_000)
      await tx.emitted.add([
        {
          eventId: 'e1',
          source: 'crm',
          key: 'deal.created',
          major: 1,
          learnerId: 'ada',
          occurredAt: 1,
          emittedAt: 1,
          payload: {},
        },
      ])
    })
  }
  await store.putTrackVersion(trackVersion())
  await store.putTrackStatus({
    key: 'first-win',
    status: 'active',
    version: '1.0.0',
    policy: 'carry',
    generation: 1,
    changedAt: 1,
  })
  await store.addJob({ id: 'j', kind: 'backfill', status: 'running', spec: '{}', progress: '{}', createdAt: 1, updatedAt: 1 })
  await store.sequence()
  await store.close()
  const rows = await query<{ name: string }>(
    admin,
    `select c.relname as name from pg_class c where c.relnamespace = 'waymark'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  )
  tables = rows.map(({ name }) => name)
})

it('is forced on every table of the schema, partitions included', async () => {
  const open = await query(
    owner,
    `select relname from pg_class where relnamespace = 'waymark'::regnamespace and relkind in ('r', 'p')
       and not (relrowsecurity and relforcerowsecurity)`,
  )
  expect(open).toEqual([])
  expect(tables.length).toBeGreaterThan(10)
})

it.each(['the owner', 'waymark_app', 'waymark_app with an empty tenant'])(
  'shows %s no row of any table without a tenant',
  async (who) => {
    const role = who.startsWith('waymark_app') ? 'set role waymark_app;' : ''
    const tenant = who.endsWith('tenant') ? `set app.tenant = '';` : ''
    for (const table of tables) {
      const counts = await query<{ count: string }>(owner, `${role}${tenant}select count(*) from waymark.${table}`).catch(
        // Tables of the worker are no business of the other role.
        (error: Error & { code?: string }) => [{ count: error.code === '42501' && role !== '' ? '0' : error.message }],
      )
      expect(counts.at(-1), table).toEqual({ count: '0' })
    }
  },
)

it('shows a tenant its own rows, and takes no row of another', async () => {
  const as = `set role waymark_app; set app.tenant = 'acme';`
  const journal = [
    'event',
    'subject_state',
    'checkpoint',
    'fact',
    'rejected',
    'unknown_event',
    'idempotency',
    'inbox',
    'outgoing',
    'emitted',
  ]
  for (const table of [...journal, 'timer', 'enrolment', 'membership', 'merged', 'tombstone', 'rollup']) {
    const rows = await query(owner, `${as} select distinct tenant from waymark.${table}`)
    expect(rows, table).toEqual([{ tenant: 'acme' }])
  }
  await expect(query(owner, `${as} insert into waymark.subject_state values ('globex', 'l:eve', 1, '')`)).rejects.toMatchObject({
    code: '42501',
  })
  expect(await query(owner, `${as} delete from waymark.event where tenant = 'globex' returning event_id`)).toEqual([])
})

it('lets a tenant change neither the tracks, the jobs nor the counts', async () => {
  const as = `set role waymark_app; set app.tenant = 'acme';`
  for (const table of ['track_version', 'track_status', 'job', 'revision', 'rollup', 'fact_sequence']) {
    await expect(query(owner, `${as} delete from waymark.${table}`), table).rejects.toMatchObject({ code: '42501' })
  }
  await expect(query(owner, `${as} update waymark.revision set value = 0`)).rejects.toMatchObject({ code: '42501' })
})

it('gives the worker the tables of its jobs, and of the journal only what says when something happened', async () => {
  const count = async (table: string) => query(owner, `set role waymark_worker; select count(*) from waymark.${table}`)
  expect(await count('fact')).toEqual([{ count: '2' }])
  for (const table of ['track_version', 'track_status', 'job', 'revision']) expect(await count(table)).toEqual([{ count: '1' }])
  for (const table of ['tombstone', 'rollup']) expect(await count(table)).toEqual([{ count: '2' }])
  // One alarm of its own in each tenant, and one of the subject that was merged.
  expect(await count('timer')).toEqual([{ count: '4' }])
  const worker = (statement: string) => query(owner, `set role waymark_worker; ${statement}`)
  await expect(worker('select payload from waymark.event')).rejects.toMatchObject({ code: '42501' })
  await expect(worker(`update waymark.event set name = ''`)).rejects.toMatchObject({ code: '42501' })
  expect(await worker('select name from waymark.event')).toHaveLength(2)
  expect(await worker('delete from waymark.event returning event_id')).toEqual([])
  await expect(worker('select samples from waymark.unknown_event')).rejects.toMatchObject({ code: '42501' })
  expect(await worker('select last_at from waymark.unknown_event')).toHaveLength(2)
  await expect(worker('select body from waymark.emitted')).rejects.toMatchObject({ code: '42501' })
  expect(await worker('select event from waymark.emitted')).toHaveLength(2)
  for (const table of ['checkpoint', 'subject_state', 'enrolment', 'membership', 'merged'])
    await expect(count(table)).rejects.toMatchObject({ code: '42501' })
})
