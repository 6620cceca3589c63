import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPostgresStore } from '@waymark/store/postgres'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makeDatabase, query } from '../../packages/store/fixtures/make-database.ts'
import { entry, fact, record, stateWrite } from '../../packages/store/src/conformance/rows.ts'
import { type PostgresServer, startPostgres } from './start-postgres.ts'

const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path))
const POOL = 4

let server: PostgresServer
let pooler: ChildProcess
let folder: string
let url: string
let pooled: string

beforeAll(async () => {
  if (PGBOUNCER === undefined) return
  server = await startPostgres()
  url = await makeDatabase(server.url)
  folder = mkdtempSync(join(tmpdir(), 'waymark-pooler-'))
  chmodSync(folder, 0o777)
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=${server.folder} port=5432`,
      '[pgbouncer]',
      // Every transaction may get another connection.
      'pool_mode = transaction',
      `default_pool_size = ${POOL}`,
      'auth_type = trust',
      `auth_file = ${join(folder, 'users')}`,
      'listen_addr =',
      `unix_socket_dir = ${folder}`,
      'listen_port = 6432',
      `logfile = ${join(folder, 'log')}`,
      '',
    ].join('\n'),
  )
  writeFileSync(join(folder, 'users'), '"waymark" ""\n')
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  pooler = spawn(PGBOUNCER, [file], { stdio: 'ignore', ...user })
  pooled = `${url.replace(encodeURIComponent(server.folder), encodeURIComponent(folder))}&port=6432`
  await vi.waitFor(() => query(pooled, 'select 1'), { timeout: 10_000, interval: 20 })
})

afterAll(async () => {
  if (PGBOUNCER === undefined) return
  const exit = once(pooler, 'exit')
  pooler.kill('SIGKILL')
  await exit
  await server.remove()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps every promise behind a pooler that gives each transaction another connection', async ({ skip }) => {
  if (PGBOUNCER === undefined) skip('pgbouncer is not installed (scripts/install-components.sh installs it)')
  const notices: string[] = []
  const store = await createPostgresStore({ url: pooled, rounds: 8, onNotice: (notice) => notices.push(notice) })
  const learners = Array.from({ length: 40 }, (_, n) => ({ tenant: n % 2 === 0 ? 'acme' : 'globex', subject: `l:${n}` }))
  const increments = Array.from({ length: 400 }, async (_, n) => {
    const key = learners[n % learners.length] as (typeof learners)[number]
    for (;;) {
      // A transaction whose statements a pooler has lost says that it may be done again, as the recorder does.
      try {
        await record(store, [entry({ ...key, eventId: `e${n}` })], [key], ({ states: [current] }) => ({
          states: [stateWrite(key, current?.version ?? 0, (current?.state?.[0] ?? 0) + 1)],
          facts: [fact({ ...key, factId: `f${n}` })],
        }))
        return
      } catch (error) {
        if ((error as { outlook?: string }).outlook !== 'retry') throw error
      }
    }
  })
  await Promise.all(increments)
  for (const key of learners) {
    expect(await store.readState(key)).toEqual(Uint8Array.of(10))
    expect(await store.readEntries(key)).toHaveLength(10)
  }
  await store.sequence()
  expect(await store.readFacts({ tenant: 'acme', limit: 1_000 })).toHaveLength(200)
  await store.unitOfWork.run('acme', (tx) => tx.idempotency.keep('scope', { inputHash: 'h', answer: '1' }, 20))
  expect(await store.unitOfWork.run('acme', (tx) => tx.idempotency.find('scope', 10))).toBeDefined()
  // Nothing of one transaction is left for the next one on the same connection.
  expect(await query(pooled, `select current_user as role, coalesce(current_setting('app.tenant', true), '') as tenant`)).toEqual(
    [{ role: 'waymark', tenant: '' }],
  )
  console.log(notices.join('\n'))
  await store.close()
})
