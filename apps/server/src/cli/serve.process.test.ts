import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { type Serving, serveInTest, waymark } from '../../test-support/waymark.ts'

const KEY = 'wm_sk_0123456789abcdefghijklmnop'
const hasCurl = spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['-c', 'true']).status === 0

describe.runIf(hasCurl)('the printed lines, pasted into a shell', () => {
  it('make a learner advance', async () => {
    const serving = await serveInTest({ cwd: tempFolder() })
    const answers = await paste(serving)
    expect(answers).toMatchObject([
      { success: true, xpEarned: 10 },
      { success: true, xpEarned: 15 },
      { learnerId: 'ada', xp: 25, tracks: [{ trackId: 'first-win', percent: 33 }] },
    ])
  })

  it('take a key that the environment gave from there, and it is not printed', async () => {
    const serving = await serveInTest({ cwd: tempFolder(), env: { WAYMARK_SECRET_KEY: KEY } })
    expect(serving.stdout()).not.toContain(KEY)
    expect(serving.stdout()).toContain('Key       from WAYMARK_SECRET_KEY')
    expect(await paste(serving, { WAYMARK_SECRET_KEY: KEY })).toMatchObject([{ xpEarned: 10 }, { xpEarned: 15 }, { xp: 25 }])
  })
})

it('says where it is, what it serves and that the sample is a sample; stdout has nothing else', async () => {
  const cwd = tempFolder()
  const serving = await serveInTest({ cwd })
  expect(serving.stdout().replace(/:\d+$/gm, ':PORT').split('\n').slice(0, 9)).toEqual([
    'Waymark is ready.',
    '',
    '  URL       http://127.0.0.1:PORT',
    `  Key       ${readFileSync(join(cwd, '.waymark/key'), 'utf8').trim()}  (made now, kept in .waymark/key)`,
    '  Database  .waymark/waymark.db',
    '  Track     first-win 1.0.0, 6 steps',
    '  Notice    There are no modules in ./waymark, so the built-in CRM sample is served. `waymark init` writes your own.',
    '',
    'Paste these lines to see a learner advance:',
  ])
  expect(statSync(join(cwd, '.waymark/key')).mode & 0o777).toBe(0o600)
  expect(serving.stderr()).toBe('')
})

it('keeps nothing in memory, and says so', async () => {
  const cwd = tempFolder()
  const serving = await serveInTest({ cwd, env: { DATABASE_URL: 'sqlite::memory:', WAYMARK_SECRET_KEY: KEY } })
  expect(serving.stdout()).toContain('in memory: nothing is kept')
  expect(existsSync(join(cwd, '.waymark'))).toBe(false)
})

it('logs a line for each request at debug, without the query, and never the key', async () => {
  const serving = await serveInTest({ cwd: tempFolder(), env: { LOG_LEVEL: 'debug' } })
  await fetch(`${serving.url}/v1/learning/onboarding/getProgress?learnerId=ada-lovelace`, {
    headers: { authorization: `Bearer ${serving.key}` },
  })
  await serving.logged('"request"')
  const line = JSON.parse(
    serving
      .stderr()
      .split('\n')
      .find((text) => text.includes('"request"')) as string,
  )
  expect(line).toMatchObject({
    method: 'GET',
    path: '/v1/learning/onboarding/getProgress',
    status: 200,
    requestId: expect.any(String),
  })
  expect(serving.stderr()).not.toMatch(/ada-lovelace|wm_sk_/)
})

it('refuses a second process on the same file, with the pid of the first and exit code 6', async () => {
  const cwd = tempFolder()
  const serving = await serveInTest({ cwd })
  const second = await waymark(['serve'], { cwd, env: { PORT: '0' } })
  expect(second).toMatchObject({ code: 6, stdout: '' })
  expect(second.stderr).toContain(`in use by process ${serving.pid}`)
})

it('names a taken port, and ends with 6', async () => {
  const serving = await serveInTest({ cwd: tempFolder() })
  const { port } = new URL(serving.url)
  const second = await waymark(['serve'], { cwd: tempFolder(), env: { PORT: port } })
  expect(second.code).toBe(6)
  expect(second.stderr).toBe(
    `Port ${port} of 127.0.0.1 is taken by another program. Stop it, or choose another port with PORT, e.g. PORT=${Number(port) + 1}.\n`,
  )
})

it('reports all wrong settings at once, makes nothing, and ends with 2', async () => {
  const cwd = tempFolder()
  const env = { PORT: 'abc', DATABASE_URL: 'postgres://waymark:hunter2@host', BUS_URL: 'nats://host' }
  const { code, stdout, stderr } = await waymark(['serve'], { cwd, env })
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 3 })
  expect(stderr).toContain('the URL names no database')
  expect(stderr).not.toContain('hunter2')
  expect(existsSync(join(cwd, '.waymark'))).toBe(false)
})

it('ends with 3 and file:line when a track file is wrong', async () => {
  const cwd = tempFolder({ 'waymark/t.yaml': 'format: waymark.track/1\nkey: t\nversion: one\nsteps: []\n' })
  const { code, stderr } = await waymark(['serve'], { cwd, env: { PORT: '0' } })
  expect(code).toBe(3)
  expect(stderr).toContain(`${join(cwd, 'waymark/t.yaml')}:3:1  /version: Expected a version such as 1.0.0`)
})

it('answers the request in flight after SIGTERM, and ends with 0', async () => {
  const serving = await serveInTest({ cwd: tempFolder() })
  const { call, body } = await halfSent(serving)
  serving.signal('SIGTERM')
  await serving.logged('stopping')
  await expect(fetch(`${serving.url}/healthz`)).rejects.toThrow()
  call.end(body)
  const [response] = await once(call, 'response')
  expect(response.statusCode).toBe(200)
  response.resume()
  expect(await serving.ended).toBe(0)
})

it('ends with 130 on a later signal; one that comes with the first is the same', async () => {
  const serving = await serveInTest({ cwd: tempFolder() })
  const { call } = await halfSent(serving)
  call.on('error', () => {})
  serving.signal('SIGINT')
  await serving.logged('stopping')
  // The first of these are taken for the echo of the signal above; somebody goes on pressing.
  const pressing = setInterval(() => serving.signal('SIGINT'), 200)
  expect(await serving.ended).toBe(130)
  clearInterval(pressing)
})

/** Runs the lines of the banner as a shell would, and reads what they print. */
async function paste(serving: Serving, env: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
  const lines = serving
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('curl '))
  expect(lines).toHaveLength(3)
  const { stdout } = await promisify(execFile)('bash', ['-c', lines.join('\n')], { env: { PATH: process.env.PATH, ...env } })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** A call whose head the server has, and whose body it waits for. */
async function halfSent({ url, key }: Serving): Promise<{ readonly call: ClientRequest; readonly body: string }> {
  const body = JSON.stringify({ learnerId: 'ada', eventName: 'pipeline.created', eventPayload: { pipelineId: 'p' } })
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  }
  const call = request(`${url}/v1/learning/onboarding/recordEvent`, { method: 'POST', headers })
  call.flushHeaders()
  await once(call, 'continue')
  return { call, body }
}
