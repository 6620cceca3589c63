import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startJobStandIn } from '../../test-support/job-stand-in.ts'
import { makeFolder } from '../../test-support/temp-folder.ts'
import { type Serving, serve, startWaymark, waymark } from '../../test-support/waymark.ts'

const MODULE = `
import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'
const meta = { version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'x' } as const
const event = (key) => defineEvent({ meta: { ...meta, key }, payload: z.object({}) })
export default defineModule({ key: 'library', contracts: [event('book.read'), event('book.lent')] })
`
const track = (version: string, steps: readonly string[], rest: object = {}) =>
  JSON.stringify({
    format: 'waymark.track/1',
    key: 'reader',
    version,
    steps: steps.map((key) => ({ key, complete: { event: `book.${key}` }, reward: { xp: 10, badge: key } })),
    ...rest,
  })

let cwd: string
let server: Serving
beforeAll(async () => {
  cwd = makeFolder({ 'waymark/a.ts': MODULE, 'waymark/b.json': track('1.0.0', ['read']) })
  server = await serve({ cwd, env: { WAYMARK_PUBLISH: 'manual' } })
  for (const learner of ['ada', 'bob']) expect((await run(['events', 'send', 'book.read', '--learner', learner])).code).toBe(0)
  writeFileSync(join(cwd, 'waymark/b.json'), track('2.0.0', ['read', 'lent']))
})
afterAll(async () => {
  await server.stop()
  rmSync(cwd, { recursive: true })
})

function run(args: readonly string[]) {
  return waymark(args, { cwd, env: { WAYMARK_URL: server.url } })
}

/** What a command prints with --json, line by line. */
async function json(args: readonly string[]) {
  const { code, stdout, stderr } = await run([...args, '--json'])
  const lines = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
  return { code, stderr, lines: lines.map((line) => JSON.parse(line)) }
}

it('says what publishing would do, publishes, rolls back, and stops and resumes a track', async () => {
  const dry = await run(['tracks', 'dry-run'])
  expect(dry).toMatchObject({ code: 0, stderr: '' })
  expect(dry.stdout).toContain('reader 2.0.0, carry\nDry run: 2 subjects\n')
  expect(dry.stdout).toMatch(
    / {2}enrolled {2,}2 → 2\n {2}completed {2,}2 → 2, 0 newly\n {4}read {2,}2 → 2, 0 newly\n {4}lent {2,}0 → 0, 0 newly/,
  )
  expect(dry.stdout).toMatch(/progress {2,}0 up, 2 down, 0 the same/)

  const published = await run(['tracks', 'publish', 'waymark/b.json', '--policy', 'pin'])
  expect(published).toMatchObject({ code: 0, stdout: 'reader 2.0.0 is served (pin).\nBackfill: 2 subjects, 0 facts\n' })
  expect((await run(['tracks', 'publish'])).stdout).toBe('reader 2.0.0 is served already.\n')
  expect((await run(['tracks', 'list'])).stdout).toBe('reader 2.0.0, active, pin, before: 1.0.0\n')

  const back = await json(['tracks', 'rollback', 'reader'])
  expect(back).toMatchObject({ code: 0, lines: [{ version: '1.0.0', published: true, job: { status: 'done', done: 2 } }] })
  expect((await run(['tracks', 'rollback', 'reader', '--to', '2.0.0', '--no-wait'])).stdout).toMatch(
    /^reader 2\.0\.0 is served \(carry\)\.\nThe backfill \S+ brings everybody to it\.\n$/,
  )
  const backfill = await json(['tracks', 'backfill', 'reader'])
  // The one of the rollback may still be on its way.
  expect([0, 6]).toContain(backfill.code)

  expect((await run(['tracks', 'pause', 'reader'])).stdout).toBe('reader 2.0.0 is paused.\n')
  expect((await run(['tracks', 'pause', 'reader'])).stdout).toBe('reader 2.0.0 is paused already.\n')
  const refused = await run(['tracks', 'publish', 'waymark/b.json'])
  expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('TRACK_PAUSED') })
  expect((await run(['tracks', 'resume', 'reader'])).stdout).toBe('reader 2.0.0 is active.\nBackfill: 2 subjects, 0 facts\n')
  expect((await run(['tracks', 'archive', 'reader'])).stdout).toBe('reader 2.0.0 is archived.\n')
  expect((await json(['tracks', 'list'])).lines).toMatchObject([{ status: 'archived', served: false }])
  expect((await run(['tracks', 'resume', 'reader', '--no-wait'])).code).toBe(0)

  const { lines } = await json(['tracks', 'jobs', '--track', 'reader', '--limit', '2'])
  expect(lines).toMatchObject([{ kind: 'backfill' }, { kind: 'backfill', status: 'done' }])
  expect((await run(['tracks', 'jobs'])).stdout).toMatch(/^\S+ {2}reader 2\.0\.0 {2}\S/)
  expect((await run(['tracks', 'cancel', lines[1].jobId])).stdout).toBe('It had ended already.\n')
})

it('refuses what is wrong, with the exit code of the problem', async () => {
  writeFileSync(join(cwd, 'wrong.json'), track('3.0.0', ['stolen']))
  const wrong = await run(['tracks', 'publish', 'wrong.json'])
  expect(wrong).toMatchObject({ code: 3, stdout: '' })
  expect(wrong.stderr).toContain('/definition/steps/0/complete/event')
  writeFileSync(join(cwd, 'taken.json'), track('1.0.0', ['lent']))
  expect(await run(['tracks', 'publish', 'taken.json'])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('VERSION_TAKEN'),
  })
  expect(await run(['tracks', 'publish', '--policy', 'maybe'])).toMatchObject({
    code: 2,
    stderr: '--policy is "maybe". Expected one of carry, pin, restart, exit.\n',
  })
  expect((await run(['tracks', 'publish', 'nowhere.json'])).code).toBe(3)
  expect((await run(['tracks', 'publish', 'waymark/a.ts'])).stderr).toBe('There is no track in waymark/a.ts.\n')
  expect((await run(['tracks', 'pause', 'nope'])).code).toBe(5)
  expect((await run(['tracks', 'cancel', 'nope'])).code).toBe(5)
  expect((await run(['tracks', 'dry-run', '--sample', 'x'])).code).toBe(2)
})

it('publishes tracks that come first before those that come after them', async () => {
  const tracks = [
    track('1.0.0', ['lent'], { key: 'a-last', after: { all: ['z-first'] } }),
    track('1.0.0', ['read'], { key: 'z-first' }),
  ]
  for (const [index, text] of tracks.entries()) writeFileSync(join(cwd, `order-${index}.json`), text)
  const { code, lines } = await json(['tracks', 'publish', 'order-0.json', 'order-1.json'])
  expect(code).toBe(0)
  expect(lines.map(({ trackId }) => trackId)).toEqual(['z-first', 'a-last'])
  expect(lines[0]).toMatchObject({ published: true, job: { facts: 10 } })
})

it('leaves the job to the server when it is interrupted', async () => {
  const { lines } = await json(['tracks', 'jobs', '--limit', '1'])
  const { jobId } = lines[0]
  const standIn = await startJobStandIn(jobId)
  const running = startWaymark(['tracks', 'backfill', 'reader'], {
    cwd,
    env: { WAYMARK_URL: standIn.url, WAYMARK_SECRET_KEY: server.key },
  })
  await standIn.asked
  running.signal('SIGINT')
  expect(await running.finished).toMatchObject({
    code: 130,
    stdout: '',
    stderr: expect.stringContaining(`waymark tracks cancel ${jobId}`),
  })
  await standIn.stop()
})
