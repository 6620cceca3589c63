import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, tempFolder } from '../../test-support/temp-folder.ts'
import { type Finished, type Serving, serve, startWaymark, waymark } from '../../test-support/waymark.ts'

const MODULE = `
import { defineEvent, defineModule, defineQuery, implement } from '@waymark/contract'
import { z } from 'zod'
const BookRead = defineEvent({
  meta: { version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Read.', key: 'book.read' },
  payload: z.object({}),
})
const Hello = defineQuery({
  meta: {
    version: '1.0.0', stability: 'deprecated', owners: [], tags: [], description: 'Says hello.', key: 'library.sayHello',
    deprecation: { since: '2026-01-01', sunset: '2099-01-01', successor: 'library.greet@1.0.0' },
  },
  io: {
    input: z.object({ name: z.string().describe('Who is greeted.'), loudly: z.boolean().optional(), times: z.int().optional(), to: z.array(z.string()).optional(), how: z.object({ tone: z.string() }).optional() }),
    output: z.object({ input: z.unknown() }),
  },
  policy: { auth: 'anonymous' },
})
const library = defineModule({ key: 'library', contracts: [BookRead, Hello] })
export default implement(library).handlers({ 'library.sayHello': async ({ input }) => ({ input }) })
`
const TRACK = JSON.stringify({
  format: 'waymark.track/1',
  key: 'reader',
  version: '1.0.0',
  steps: [{ key: 'read', complete: { event: 'book.read' } }],
})

let cwd: string
let server: Serving
let env: Record<string, string>
beforeAll(async () => {
  cwd = makeFolder({ 'waymark/library.ts': MODULE, 'waymark/reader.json': TRACK })
  server = await serve({ cwd })
  env = { WAYMARK_URL: server.url }
})
afterAll(async () => {
  await server.stop()
  rmSync(cwd, { recursive: true })
})

function run(words: string, args: readonly string[] = [], input?: string): Promise<Finished> {
  return waymark([...words.split(' '), ...args], { cwd, env, ...(input === undefined ? {} : { input }) })
}

describe('a command of an operation', () => {
  it('has a flag for a field that is called version', async () => {
    const { code, stderr } = await run('learning onboarding rollback-track --track-id reader --version 9.9.9')
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('9.9.9') })
  })

  it('calls it with the input of its flags, and prints the answer', async () => {
    const progress = await run('learning onboarding get-progress --learner-id ada')
    expect(progress).toMatchObject({ code: 0, stderr: '' })
    expect(progress.stdout).toMatch(/^\{\n {2}"learnerId": "ada"/)
    const line = await run('learning onboarding get-progress --learner-id ada --json')
    expect(line.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(line.stdout)).toEqual(JSON.parse(progress.stdout))
  })

  it('reads numbers, switches, lists and JSON, and says on stderr that it is deprecated', async () => {
    const flags = ['--name', '5', '--no-loudly', '--times', '2', '--to', 'a,b', '--to', 'c', '--how', '{"tone":"low"}', '--json']
    const { code, stdout, stderr } = await run('library say-hello', flags)
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'library.sayHello is deprecated since 2026-01-01 and ends on 2099-01-01. Use library.greet@1.0.0.\n',
    })
    expect(JSON.parse(stdout)).toEqual({ input: { name: '5', loudly: false, times: 2, to: ['a,b', 'c'], how: { tone: 'low' } } })
  })

  it('takes the whole input from a file or standard input, and flags on top of it', async () => {
    const { stdout } = await run('library say-hello --input - --name Bob --json', [], '{"name":"Ada","times":3}')
    expect(JSON.parse(stdout)).toEqual({ input: { name: 'Bob', times: 3 } })
    expect(await run('library say-hello --input nowhere.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The input cannot be read from nowhere.json'),
    })
    expect(await run('library say-hello --input -', [], '[]')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a list'),
    })
  })

  it('prints a page and says that there are more, or every item of every page, one a line', async () => {
    const events = ['one', 'two', 'three'].flatMap((learnerId) => ['--events', JSON.stringify({ learnerId })])
    expect((await run('learning onboarding ingest', events)).code).toBe(0)
    const first = await run('learning onboarding list-rejected --limit 2 --json')
    expect(JSON.parse(first.stdout).items).toHaveLength(2)
    expect(first.stderr).toContain('There are more; --all prints every item')
    const all = await run('learning onboarding list-rejected --limit 2 --all')
    expect(all).toMatchObject({ code: 0, stderr: '' })
    const lines = all.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).problem.code)).toEqual(Array.from({ length: 3 }, () => 'VALIDATION_FAILED'))
  })

  it('prints the items of a stream as they come, and ends with it', async () => {
    const { code, stdout } = await run('learning onboarding export-learner --learner-id ada')
    const parts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).part)
    expect([code, parts.at(-1)]).toEqual([0, 'manifest'])
  })

  it('follows a stream until it is interrupted, with 130', async () => {
    const watching = startWaymark(['learning', 'onboarding', 'watch-facts'], { cwd, env })
    let isPrinted = false
    const printed = watching.printed('learning.onboarding.step.completed').then(() => {
      isPrinted = true
    })
    // It begins with what comes from now on, whenever that is.
    for (let count = 0; !isPrinted; count++) {
      const body = JSON.stringify({ learnerId: `reader-${count}`, eventName: 'book.read', eventPayload: {} })
      const headers = { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' }
      await fetch(`${server.url}/v1/learning/onboarding/recordEvent`, { method: 'POST', headers, body })
    }
    await printed
    watching.signal('SIGINT')
    const { code, stdout } = await watching.finished
    expect(code).toBe(130)
    expect(JSON.parse(stdout.split('\n')[0] as string)).toHaveProperty('factId')
  })

  it.each([
    ['a wrong input', 'learning onboarding get-progress', 3, '/learnerId'],
    ['what is not there', 'learning onboarding get-progress --learner-id ada --track-id none', 5, 'TRACK_NOT_FOUND'],
    ['an unknown flag', 'learning onboarding get-progress --learner ada', 2, '--learner-id'],
    ['an unknown operation', 'learning onboarding get-progres', 2, 'get-progress'],
    ['an unknown word', 'trcks', 2, 'tracks'],
  ])('ends as the others do for %s', async (_, words, code, message) => {
    expect(await run(words)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
  })

  it('ends with 4 for a wrong key and with 7 where no server is', async () => {
    const args = ['learning', 'onboarding', 'list-tracks', '--json']
    const wrong = await waymark(args, { cwd, env: { ...env, WAYMARK_SECRET_KEY: `wm_sk_${'x'.repeat(40)}` } })
    expect(wrong.code).toBe(4)
    expect(JSON.parse(wrong.stderr)).toMatchObject({ code: 'UNAUTHENTICATED' })
    const away = await waymark(args, { cwd, env: { WAYMARK_URL: 'http://127.0.0.1:9' } })
    expect(away).toMatchObject({ code: 7, stderr: expect.stringContaining('SERVER_UNREACHABLE') })
  })
})

it('the help of an operation has its description and flags; that of its group has the operations', async () => {
  const { code, stdout } = await run('learning onboarding get-progress --help')
  expect(code).toBe(0)
  expect(stdout).toContain('Show how far a learner is in their tracks.')
  expect(stdout).toMatch(/--learner-id <text> +.*\(required\)/)
  expect(stdout).toContain('waymark learning onboarding get-progress --learner-id <text>')
  expect((await run('library --help')).stdout).toMatch(/say-hello .*Says hello\. \(deprecated\)/)
})

it('operations of a module may begin as ours do', async () => {
  const folder = tempFolder({ 'waymark/library.ts': MODULE.replaceAll('library.sayHello', 'learning.books.sayHello') })
  const { code, stdout } = await waymark(['learning', 'books', 'say-hello', '--help'], { cwd: folder })
  expect([code, stdout.includes('Says hello.')]).toEqual([0, true])
})

it('operations of ours need no modules, and a broken module is named for others', async () => {
  const folder = tempFolder({ 'waymark/a.ts': 'export const a = 1' })
  const own = await waymark(['learning', 'onboarding', 'record-event', '--help'], { cwd: folder })
  expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining('--learner-id'), stderr: '' })
  const group = await waymark(['help', 'learning'], { cwd: folder })
  expect(group).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('onboarding'),
    stderr: expect.stringContaining('waymark/a.ts'),
  })
  const other = await waymark(['library', 'say-hello'], { cwd: folder })
  expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining('waymark/a.ts') })
})
