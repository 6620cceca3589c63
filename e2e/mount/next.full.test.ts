/** The Next application of the examples, as a user has it: with the packed packages, built and started by Next. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { env, packages, packRepository, run, runWith, tarballName } from '../pack/pack-repository.ts'

const example = resolve(import.meta.dirname, '../../examples/standalone/next-app')
const isInstalled = existsSync(join(example, 'node_modules/next'))
const KEY = `wm_sk_${'n'.repeat(32)}`

describe.skipIf(!isInstalled)('an application of Next (installed by scripts/install-components.sh)', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'waymark-next-'))
  const app = join(temporary, 'app')
  const settings = { NEXT_TELEMETRY_DISABLED: '1', DATABASE_URL: 'sqlite:waymark.db', WAYMARK_SECRET_KEY: KEY, LOG_LEVEL: 'warn' }
  const next = join(app, 'node_modules/next/dist/bin/next')
  let server: ChildProcess
  let url: string

  beforeAll(async () => {
    const tarballs = join(temporary, 'tarballs')
    await packRepository(temporary, tarballs)
    cpSync(example, app, { recursive: true, verbatimSymlinks: true })
    const files = packages.map(({ manifest }) => join(tarballs, tarballName(manifest)))
    await run(app, 'npm', 'install', '--no-save', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...files)
    // Types are checked as well: a handler that Next does not take fails here.
    await runWith(settings, app, process.execPath, '--run', 'build')
    // Next loads routes while it builds.
    expect(existsSync(join(app, 'waymark.db'))).toBe(false)
    server = spawn(process.execPath, [next, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
      cwd: app,
      env: { ...env, ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    url = await new Promise<string>((found, failed) => {
      let output = ''
      server.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
        if (address !== undefined && output.includes('Ready')) found(address)
      })
      server.once('exit', (code) => failed(new Error(`next start ended with ${code}.\n${output}`)))
    })
  })
  afterAll(async () => {
    if (server?.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
    }
    rmSync(temporary, { recursive: true, force: true })
  })

  const authorization = { authorization: `Bearer ${KEY}` }
  const done = (learnerId: string, taskId: string) =>
    fetch(`${url}/waymark/v1/learning/onboarding/recordEvent`, {
      method: 'POST',
      headers: { ...authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ learnerId, eventName: 'task.done', eventPayload: { taskId } }),
    })

  it('keeps its page and its route, and has Waymark beside them', async () => {
    expect(await (await fetch(url)).text()).toContain('<h1>Tasks</h1>')
    expect(await (await fetch(`${url}/hello`)).json()).toEqual({ hello: 'world' })
    expect(await (await done('ada', 't1')).json()).toMatchObject({ xpEarned: 10, outcomes: [{ trackId: 'first-task' }] })
    const progress = await fetch(`${url}/waymark/v1/learning/onboarding/getProgress?learnerId=ada`, { headers: authorization })
    expect(await progress.json()).toMatchObject({ xp: 10, tracks: [{ trackId: 'first-task', percent: 100 }] })
  })

  it('takes what event SDKs send, answers problems, and serves the reference pages', async () => {
    const batch = [{ type: 'track', event: 'task.done', userId: 'bob', messageId: 'm1', properties: { taskId: 't1' } }]
    const headers = { authorization: `Basic ${btoa(`${KEY}:`)}`, 'content-type': 'application/json' }
    const sent = await fetch(`${url}/waymark/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch }) })
    expect(await sent.json()).toMatchObject({ results: [{ eventId: 'm1', status: 'recorded' }] })
    const capture = await fetch(`${url}/waymark/batch/`, { method: 'POST', headers, body: '{"batch":[]}', redirect: 'error' })
    expect(capture.status).toBe(200)
    const refused = await fetch(`${url}/waymark/v1/learning/onboarding/getProgress`)
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
    expect((await fetch(`${url}/waymark/v1/batch`, { method: 'OPTIONS' })).headers.get('allow')).toBe('OPTIONS, POST')
    const docs = await fetch(`${url}/waymark/docs`)
    expect([docs.status, docs.url]).toEqual([200, `${url}/waymark/docs/`])
    expect(await (await fetch(`${url}/waymark/openapi.json`)).json()).toMatchObject({ servers: [{ url: '/waymark' }] })
  })

  it('tells facts as they come, to a reader that takes compressed answers too', async () => {
    const stream = await fetch(`${url}/waymark/v1/learning/onboarding/watchFacts?learnerId=eve`, {
      headers: { ...authorization, accept: 'text/event-stream', 'accept-encoding': 'gzip' },
    })
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    let text = decoder.decode((await reader.read()).value)
    expect((await done('eve', 't1')).status).toBe(200)
    while (!text.includes('first-task')) {
      const part = await reader.read()
      if (part.done) throw new Error(`The stream ended: ${text}`)
      text += decoder.decode(part.value, { stream: true })
    }
    await reader.cancel()
  })
})
