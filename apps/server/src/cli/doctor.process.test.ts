import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { serveInTest, waymark } from '../../test-support/waymark.ts'

interface Check {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly fix?: string
}

async function doctor(cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await waymark(['doctor', '--json'], { cwd, env: { PORT: '0', ...env } })
  const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Check[] }
  return { code, ok, of: (name: string) => checks.find(({ check }) => check === name) }
}

it('finds nothing wrong in an empty folder, makes nothing, and says what could be better', async () => {
  const cwd = tempFolder()
  const { code, stdout, stderr } = await waymark(['doctor'], { cwd, env: { PORT: '0' } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(
    stdout
      .split('\n')
      .filter((line) => /^\S/.test(line))
      .map((line) => line.slice(0, 19).trim()),
  ).toEqual([
    'ok   node',
    'ok   settings',
    'ok   folder',
    'ok   database',
    'warn modules',
    'ok   port',
    'ok   secret key',
    'ok   publishing',
    'warn learner secret',
  ])
  expect((await doctor(cwd)).of('publishing')).toMatchObject({ message: 'a start publishes new versions of tracks' })
  expect((await doctor(cwd, { WAYMARK_PUBLISH: 'manual' })).of('publishing')).toMatchObject({
    message: expect.stringContaining('`waymark tracks publish`'),
  })
  expect(await waymark(['init'], { cwd })).toMatchObject({ code: 0 })
  expect((await doctor(cwd)).of('modules')).toEqual({ check: 'modules', status: 'ok', message: 'modules: 1, tracks: 1' })
})

it('sees the server that runs here, and who owns the database', async () => {
  const cwd = tempFolder()
  const serving = await serveInTest({ cwd })
  const { port } = new URL(serving.url)
  const { code, of } = await doctor(cwd, { PORT: port })
  expect(code).toBe(0)
  expect(of('port')).toMatchObject({ status: 'ok', message: `a Waymark server answers on ${port} of 127.0.0.1` })
  expect(of('database')).toMatchObject({ status: 'warn', message: `.waymark/waymark.db is in use by process ${serving.pid}` })
  await serving.stop()
  const after = await doctor(cwd, { PORT: port })
  expect(after.of('port')).toMatchObject({ status: 'ok', message: `${port} of 127.0.0.1 is free` })
  expect(after.of('database')).toMatchObject({ status: 'ok', message: '.waymark/waymark.db opens' })
})

it('fails with 1 and a fix for each thing that is wrong', async () => {
  const cwd = tempFolder({ 'waymark/t.yaml': 'format: nope\n', '.waymark/key': `wm_sk_${'k'.repeat(30)}\n` })
  chmodSync(join(cwd, '.waymark/key'), 0o644)
  mkdirSync(join(cwd, 'data'))
  new DatabaseSync(join(cwd, 'data/other.db')).exec('create table x (y)')
  const { code, ok, of } = await doctor(cwd, { HOST: '192.0.2.1', DATABASE_URL: 'sqlite:data/other.db', LOG_LEVEL: 'loud' })
  expect({ code, ok }).toEqual({ code: 1, ok: false })
  expect(of('settings')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('LOG_LEVEL is "loud"'),
    fix: expect.any(String),
  })
  expect(of('database')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('not one of Waymark'),
    fix: expect.any(String),
  })
  expect(of('modules')).toMatchObject({ status: 'fail', message: expect.stringContaining('t.yaml:1:1'), fix: expect.any(String) })
  expect(of('port')).toMatchObject({ status: 'fail', fix: expect.any(String) })
  expect(of('secret key')).toMatchObject({ status: 'fail', fix: 'chmod 600 .waymark/key' })
})

it('looks no further where a setting cannot be used, and knows a file that is no database', async () => {
  const cwd = tempFolder()
  writeFileSync(join(cwd, 'w.db'), 'this is text, and long enough to be read as the header of a database file, which it is not')
  expect((await doctor(cwd, { DATABASE_URL: 'sqlite:w.db' })).of('database')).toMatchObject({ status: 'fail' })
  expect((await doctor(cwd, { DATABASE_URL: 'mysql:x', WAYMARK_LEARNER_SECRET: 'x'.repeat(32) })).of('database')).toMatchObject({
    status: 'warn',
  })
})
