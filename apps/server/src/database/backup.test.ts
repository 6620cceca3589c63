import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSqliteStore } from '@waymark/store/sqlite'
import { SignJWT } from 'jose'
import { expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { startServer } from '../start-server.ts'

const ENV = { PORT: '0', LOG_LEVEL: 'silent' }

async function start(env: Readonly<Record<string, string>> = {}) {
  const cwd = tempFolder()
  const server = await startServer({ cwd, env: { ...ENV, ...env } })
  onTestFinished(() => server.close())
  const call = async (path: string, input: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${server.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { cwd, folder: join(cwd, '.waymark/backups'), call, backup: (input: unknown) => call('server/database/backup', input) }
}

it('copies the database into the folder of backups, under the name of the caller or of the time', async () => {
  const { cwd, folder, call, backup } = await start()
  const event = { learnerId: 'ada', eventName: 'deal.won', eventId: 'e1', eventPayload: { dealId: 'd', amount: 1 } }
  await call('learning/onboarding/recordEvent', event)
  const named = await backup({ name: 'before.db' })
  expect(named).toMatchObject({
    status: 200,
    body: { file: '.waymark/backups/before.db', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  const timed = await backup({})
  expect(timed.body.file).toMatch(/^\.waymark\/backups\/waymark-\d{8}T\d{6}Z\.db$/)
  expect(readdirSync(folder)).toHaveLength(2)
  const copy = await createSqliteStore({ file: join(cwd, '.waymark/backups/before.db') })
  onTestFinished(() => copy.close())
  expect(await copy.readEntries({ tenant: 'default', subject: 'l:ada' })).toMatchObject([{ eventId: 'e1' }])
})

it('never replaces a backup', async () => {
  const { backup } = await start()
  await backup({ name: 'a.db' })
  expect(await backup({ name: 'a.db' })).toMatchObject({ status: 409, body: { code: 'BACKUP_EXISTS' } })
})

it('makes one at a time', async () => {
  const { backup } = await start()
  const answers = await Promise.all(['a.db', 'b.db', 'c.db'].map((name) => backup({ name })))
  expect(answers.map(({ status, body }) => `${status} ${body.code ?? 'made'}`).sort()).toEqual([
    '200 made',
    '409 BACKUP_RUNNING',
    '409 BACKUP_RUNNING',
  ])
  expect(await backup({ name: 'd.db' })).toMatchObject({ status: 200 })
})

it.each(['', '../waymark.db', '/tmp/x.db', 'a/b.db', '.hidden', 'a\\b.db', 'a.db.partial', 'x'.repeat(101), 'a\0.db'])(
  'refuses %o as a name',
  async (name) => {
    const { folder, backup } = await start()
    expect(await backup({ name })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } })
    expect(existsSync(folder)).toBe(false)
  },
)

it('says what failed without leaving anything, and goes on', async () => {
  const { cwd, backup } = await start()
  mkdirSync(join(cwd, '.waymark'), { recursive: true })
  writeFileSync(join(cwd, '.waymark/backups'), 'a file where the folder belongs')
  expect(await backup({ name: 'a.db' })).toMatchObject({ status: 500, body: { code: 'BACKUP_FAILED' } })
  expect(await backup({ name: 'a.db' })).toMatchObject({ status: 500, body: { code: 'BACKUP_FAILED' } })
})

it('says what to use instead where the database is no file', async () => {
  const { backup } = await start({ DATABASE_URL: 'sqlite::memory:' })
  const { status, body } = await backup({})
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'BACKUP_UNSUPPORTED' })
  expect(body.detail).toContain('pg_dump')
})

it('is not for learners', async () => {
  const secret = 's'.repeat(32)
  const { call } = await start({ WAYMARK_LEARNER_SECRET: secret })
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ada')
    .setAudience('waymark')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(Buffer.from(secret))
  expect(await call('server/database/backup', {}, { authorization: `Bearer ${token}` })).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  })
})
