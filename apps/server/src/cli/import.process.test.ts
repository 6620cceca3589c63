import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startIngestStandIn } from '../../test-support/ingest-stand-in.ts'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { startWaymark, waymark } from '../../test-support/waymark.ts'

const event = (id: number, more: object = {}) => JSON.stringify({ eventId: `e${id}`, ...more })
const events = (count: number) => Array.from({ length: count }, (_, id) => event(id))
const ids = (count: number) => Array.from({ length: count }, (_, id) => `e${id}`)

/** A file of these lines, and a server to import it into. */
async function prepare(lines: readonly string[], name = 'past.ndjson') {
  const server = await startIngestStandIn()
  onTestFinished(() => server.stop())
  const cwd = tempFolder()
  const path = join(cwd, name)
  const text = lines.map((line) => `${line}\n`).join('')
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  const start = (...args: string[]) =>
    startWaymark(['import', name, ...args], {
      cwd,
      env: { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: `wm_sk_${'k'.repeat(30)}` },
    })
  return {
    server,
    cwd,
    path,
    start,
    run: (...args: string[]) => start(...args).finished,
    /** Line up to which all is acknowledged; undefined without a progress file. */
    progress(): number | undefined {
      const file = `${path}.waymark-progress`
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).next.lines : undefined
    },
    failures: (file = `${name}.rejected.ndjson`) =>
      readFileSync(join(cwd, file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    /**
     * Answers the first three batches of 500 and holds the others; resolves when all seven are there. With four in flight the seventh is
     * sent when three are acknowledged.
     */
    threeOfSeven: () =>
      new Promise<void>((resolve) => {
        server.answers = ({ events: [first] }) => {
          const number = Number(first?.eventId?.slice(1))
          if (number >= 3_000) resolve()
          return number < 1_500
        }
      }),
  }
}

describe('import', () => {
  it.each(['past.ndjson', 'past.ndjson.gz'])('sends %s as events of the past, and leaves nothing behind', async (name) => {
    const { server, cwd, run } = await prepare(events(3_210), name)
    expect(await run()).toEqual({ code: 0, stdout: `${name}: 3210 events: 3210 recorded\n`, stderr: '' })
    expect(server.batches.map((batch) => batch.import)).toEqual(Array(7).fill(true))
    expect([...server.answered].sort()).toEqual(ids(3_210).sort())
    expect(readdirSync(cwd)).toEqual([name])
  })

  it.each([
    [4, []],
    [2, ['--concurrency', '2']],
  ])('has %i batches on their way at once with %j', async (count, args) => {
    const { server, run } = await prepare(events(6_000))
    const full = new Promise<boolean>((resolve) => {
      server.answers = () => {
        if (server.batches.length === count) resolve(true)
        return full
      }
    })
    expect(await run(...args)).toMatchObject({ code: 0 })
    expect(server.mostInFlight()).toBe(count)
  })

  it('goes on where it was interrupted; every failure is listed once', async () => {
    const lines = events(3_210)
    for (const bad of [7, 1_200, 1_600, 3_100]) lines[bad] = event(bad, { status: 'invalid' })
    const { server, start, run, progress, failures, threeOfSeven } = await prepare(lines)
    const held = threeOfSeven()
    const first = start()
    await held
    first.signal('SIGINT')
    expect(await first.finished).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('after line 1500 of') })
    expect(progress()).toBe(1_500)
    const sentBefore = server.keys.splice(0)
    server.batches.splice(0)

    server.answers = () => true
    const second = await run('--json')
    expect(second).toMatchObject({ code: 8, stderr: 'past.ndjson: goes on after line 1500.\n' })
    expect(JSON.parse(second.stdout)).toEqual({
      file: 'past.ndjson',
      events: 3_210,
      statuses: { recorded: 3_206, invalid: 4 },
      failures: 'past.ndjson.rejected.ndjson',
    })
    expect(server.batches[0]?.events[0]?.eventId).toBe('e1500')
    // The same batches under the same keys: events without an id of their own would keep theirs.
    expect(sentBefore).toEqual(expect.arrayContaining(server.keys))
    expect([...server.answered].sort()).toEqual(ids(3_210).sort())
    expect(failures()).toEqual(
      [7, 1_200, 1_600, 3_100].map((bad) => ({
        line: bad + 1,
        status: 'invalid',
        detail: `because of e${bad}`,
        event: { eventId: `e${bad}`, status: 'invalid' },
      })),
    )
    expect(progress()).toBeUndefined()
  })

  it('goes on in the middle of a compressed file', async () => {
    const { server, start, run, threeOfSeven } = await prepare(events(3_210), 'past.ndjson.gz')
    const held = threeOfSeven()
    const first = start()
    await held
    first.signal('SIGINT')
    await first.finished
    server.batches.splice(0)
    server.answers = () => true
    expect(await run()).toMatchObject({ code: 0, stdout: 'past.ndjson.gz: 3210 events: 3210 recorded\n' })
    expect(server.batches).toHaveLength(4)
    expect([...server.answered].sort()).toEqual(ids(3_210).sort())
  })

  it('waits for a server that went away, and says so once', async () => {
    const { server, start, threeOfSeven } = await prepare(events(3_210))
    const held = threeOfSeven()
    const running = start()
    await held
    await server.stop()
    await running.logged('The server does not answer. Trying again for 300 s.')
    server.answers = () => true
    await server.start()
    const { code, stdout, stderr } = await running.finished
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'past.ndjson: 3210 events: 3210 recorded\n' })
    expect(stderr.match(/Trying again/g)).toHaveLength(1)
    expect([...server.answered].sort()).toEqual(ids(3_210).sort())
  })

  it('gives up after --wait with 7, and goes on when it is called again', async () => {
    const { server, start, run, progress, threeOfSeven } = await prepare(events(3_210))
    const held = threeOfSeven()
    const first = start('--wait', '1s')
    await held
    await server.stop()
    expect(await first.finished).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('Stopped after line 1500 of past.ndjson'),
    })
    expect(progress()).toBe(1_500)
    server.answers = () => true
    await server.start()
    expect(await run()).toMatchObject({ code: 0, stdout: 'past.ndjson: 3210 events: 3210 recorded\n' })
  })

  it('stops at once where it is not admitted, and says how far it came', async () => {
    const { server, run, progress } = await prepare(events(600))
    server.refuses = ({ events: [first] }) => (first?.eventId === 'e500' ? { status: 403, code: 'FORBIDDEN' } : undefined)
    expect(await run()).toMatchObject({ code: 4, stderr: expect.stringContaining('FORBIDDEN') })
    expect(progress()).toBe(500)
  })

  it('takes no progress of another file or another server for its own', async () => {
    const { server, path, run } = await prepare(events(600))
    server.refuses = () => ({ status: 403, code: 'FORBIDDEN' })
    await run()
    server.refuses = () => undefined
    appendFileSync(path, `${event(600)}\n`)
    expect(await run()).toMatchObject({ code: 6, stderr: expect.stringContaining('is of a file of another size') })
    expect(server.answered).toEqual([])
    expect(await run('--restart')).toMatchObject({ code: 0, stdout: 'past.ndjson: 601 events: 601 recorded\n' })
  })

  it('sets aside what is no event, and halves a batch that the server refuses, so that one line costs no other', async () => {
    const lines = events(100)
    lines[20] = 'not json'
    lines[40] = ''
    lines[60] = `"${'x'.repeat(1_100_000)}"`
    const { server, run, failures } = await prepare(lines)
    server.refuses = (body) =>
      body.events.some(({ eventId }) => eventId === 'e77') ? { status: 413, code: 'PAYLOAD_TOO_LARGE' } : undefined
    const { code, stdout, stderr } = await run('--failures', 'bad.ndjson')
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'past.ndjson: 99 events: 96 recorded, 1 invalid, 2 too_large\n' })
    expect(stderr).toContain('3 were not recorded; bad.ndjson has them all')
    expect(failures('bad.ndjson')).toMatchObject([
      { line: 21, status: 'invalid', event: 'not json' },
      { line: 61, status: 'too_large', event: '' },
      { line: 78, status: 'too_large', event: { eventId: 'e77' } },
    ])
    expect(server.answered).toHaveLength(96)
  })

  it.each<[what: string, args: readonly string[], message: RegExp]>([
    ['standard input', ['-'], /standard input cannot/],
    ['a file that is not there', ['nope.ndjson'], /cannot be read from nope\.ndjson/],
    ['a folder', ['.'], /cannot be read from \./],
    ['one file of failures for several', ['a', 'b', '--failures', 'c'], /each gets a file of its own/],
    ['no file', [], /missing required argument 'files'/],
    ['a count that is none', ['past.ndjson', '--concurrency', '0'], /--concurrency is "0"/],
    ['a time that is none', ['past.ndjson', '--wait', 'long'], /--wait is "long"/],
  ])('refuses %s with 2', async (_, args, message) => {
    const { cwd } = await prepare([])
    const { code, stderr } = await waymark(['import', ...args], { cwd, env: { WAYMARK_SECRET_KEY: `wm_sk_${'k'.repeat(30)}` } })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('says when a file is not whole gzip data', async () => {
    const { path, run } = await prepare(events(10), 'past.ndjson.gz')
    writeFileSync(path, readFileSync(path).subarray(0, 40))
    expect(await run()).toMatchObject({ code: 3, stderr: expect.stringContaining('is not whole gzip data') })
  })
})
