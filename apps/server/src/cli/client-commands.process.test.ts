import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeFolder } from '../../test-support/temp-folder.ts'
import { type Finished, type Serving, serve, waymark } from '../../test-support/waymark.ts'

let cwd: string
let serving: Serving
beforeAll(async () => {
  cwd = makeFolder()
  serving = await serve({ cwd })
})
afterAll(async () => {
  await serving.stop()
  rmSync(cwd, { recursive: true, force: true })
})

/** With the key of the folder, as somebody beside the server would call it. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Finished> =>
  waymark(args, { cwd, env: { WAYMARK_URL: serving.url, ...env }, input })

const DEAL = '{"dealId":"d1","pipelineId":"sales","amount":100}'

describe('events send', () => {
  it('says in words what the event did to each step, with the condition tree', async () => {
    const { code, stdout, stderr } = await run([
      'events',
      'send',
      'deal.created',
      '--learner',
      'ada',
      '--payload',
      DEAL,
      '--id',
      'e1',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        'deal.created recorded as e1',
        'first-win / open-deals  progressed: it takes more events (count_short)',
        '  ✗ comes after create-pipeline (not done)',
        '  ✗ 1 of 3 `deal.created` counted, each with another dealId',
        '',
      ].join('\n'),
    )
  })

  it('says when nothing changed, and when a step was completed', async () => {
    const again = await run(['events', 'send', 'deal.created', '--learner', 'ada', '--payload', DEAL, '--id', 'e1'])
    expect(again.stdout).toContain('deal.created was recorded before: nothing changed')
    const done = await run(['events', 'send', 'pipeline.created', '--learner', 'ada', '--payload', '{"pipelineId":"p"}'])
    expect(done.stdout).toMatch(
      /^pipeline\.created recorded as [0-9a-f-]{36}, \+10 XP\nfirst-win \/ create-pipeline {2}completed\n/,
    )
  })

  it('takes the payload from a file and from standard input, and prints the raw answer with --json', async () => {
    writeFileSync(join(cwd, 'task.json'), '{"taskId":"t1","kind":"email"}')
    const args = ['events', 'send', 'task.completed', '--learner', 'bob', '--json', '--payload']
    const options = [
      '--at',
      '2026-01-01T00:00:00Z',
      '--source',
      'web',
      '--track',
      'first-win',
      '--account',
      'acme',
      '--event-version',
      '1',
    ]
    const fromFile = await run([...args, '@task.json', ...options])
    expect(JSON.parse(fromFile.stdout)).toMatchObject({ success: true, outcomes: [{ reason: 'too_late' }] })
    const fromInput = await run([...args, '-'], {}, '{"taskId":"t2","kind":"call"}')
    expect(JSON.parse(fromInput.stdout)).toMatchObject({ success: true, duplicate: false })
  })

  it.concurrent.each<[name: string, args: readonly string[], code: number, message: RegExp]>([
    ['no event name', ['--learner', 'ada'], 2, /the event name is missing/],
    ['no learner', ['deal.won'], 2, /--learner is missing/],
    ['a payload that is no JSON', ['deal.won', '--learner', 'ada', '--payload', '{dealId}'], 2, /--payload is not JSON/],
    [
      'a payload file that is not there',
      ['deal.won', '--learner', 'ada', '--payload', '@nope.json'],
      2,
      /cannot be read from nope\.json/,
    ],
    ['a file beside other options', ['deal.won', '--file', 'x.ndjson'], 2, /no place beside it/],
    ['an option that there is not', ['deal.won', '--lerner', 'ada'], 2, /unknown option '--lerner'/],
    [
      'a payload that the contract refuses',
      ['deal.won', '--learner', 'ada', '--payload', '{"dealId":"d"}'],
      3,
      /\/eventPayload\/amount: .*received nothing/,
    ],
    ['an event that no step wants', ['deal.wun', '--learner', 'ada'], 5, /STEP_NOT_FOUND.*Did you mean deal\.won\?/s],
    [
      'a track that there is not',
      ['deal.won', '--learner', 'ada', '--track', 'first-wun'],
      5,
      /TRACK_NOT_FOUND.*Did you mean first-win\?/s,
    ],
    [
      'an id with another content',
      ['deal.created', '--learner', 'ada', '--id', 'e1', '--payload', DEAL.replace('100', '200')],
      6,
      /CONFLICT/,
    ],
  ])('refuses %s', async (_, args, code, message) => {
    const finished = await run(['events', 'send', ...args])
    expect(finished).toMatchObject({ code, stdout: '' })
    expect(finished.stderr).toMatch(message)
  })

  it('prints the problem as JSON on stderr with --json', async () => {
    const { code, stdout, stderr } = await run(['events', 'send', 'deal.wun', '--learner', 'ada', '--json'])
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ code: 'STEP_NOT_FOUND', status: 404 })
  })
})

describe('events send --file', () => {
  const line = (learnerId: string, amount: unknown = 1) =>
    JSON.stringify({ learnerId, eventName: 'deal.won', eventPayload: { dealId: learnerId, amount } })

  it('sends every line, sums up, and counts nothing twice when the file is sent again', async () => {
    writeFileSync(join(cwd, 'many.ndjson'), `${Array.from({ length: 1_203 }, (_, i) => line(`m${i}`)).join('\n')}\n`)
    expect(await run(['events', 'send', '--file', 'many.ndjson'])).toEqual({
      code: 0,
      stdout: '1203 events: 1203 recorded\n',
      stderr: '',
    })
    expect(await run(['events', 'send', '--file', 'many.ndjson'])).toMatchObject({
      code: 0,
      stdout: '1203 events: 1203 duplicate\n',
    })
  })

  it('names the lines that were not recorded, and ends with 8', async () => {
    const lines = [line('f1'), 'not json', '', line('f2', 'many'), JSON.stringify({ learnerId: 'f3', eventName: 'deal.wun' })]
    const text = await run(['events', 'send', '--file', '-'], {}, lines.join('\r\n'))
    expect(text).toMatchObject({ code: 8, stdout: '4 events: 1 recorded, 2 invalid, 1 unknown\n' })
    expect(text.stderr.split('\n')).toEqual([
      expect.stringMatching(/^-:2 {2}invalid {2}The line is not JSON/),
      expect.stringMatching(/^-:4 {2}invalid {2}\/eventPayload\/amount/),
      expect.stringMatching(/^-:5 {2}unknown {2}.*deal\.wun/),
      '',
    ])
    const json = await run(['events', 'send', '--file', '-', '--json'], {}, lines.join('\n'))
    expect(JSON.parse(json.stdout)).toMatchObject({
      events: 4,
      statuses: { duplicate: 1, invalid: 2, unknown: 1 },
      failures: [{ line: 2 }, { line: 4 }, { line: 5 }],
    })
  })

  it('says which file is not there', async () => {
    const { code, stderr } = await run(['events', 'send', '--file', 'nope.ndjson'])
    expect(code).toBe(2)
    expect(stderr).toContain('nope.ndjson')
  })
})

describe('events rejected', () => {
  const bad = (id: string) => JSON.stringify({ learnerId: 'r', eventName: 'deal.won', eventId: id, eventPayload: {} })

  it('lists the newest with their reasons, as text and as one JSON object a line', async () => {
    await run(['events', 'send', '--file', '-'], {}, [bad('r1'), bad('r2'), bad('r3')].join('\n'))
    const text = await run(['events', 'rejected', '--limit', '1'])
    expect(text.stdout).toMatch(
      /^\S+Z {2}deal\.won r3 {2}by rest\n {2}VALIDATION_FAILED: \/eventPayload\/dealId.*\n {2}--id \S+\n$/,
    )
    expect(text.stderr).toContain('There are more')
    const filtered = await run(['events', 'rejected', 'list', '--event', 'deal.won', '--code', 'FORBIDDEN'])
    expect(filtered).toEqual({ code: 0, stdout: '', stderr: 'No such event was rejected in the last 30 days.\n' })
    const json = await run(['events', 'rejected', '--limit', '3', '--json'])
    expect(
      json.stdout
        .trimEnd()
        .split('\n')
        .map((item) => JSON.parse(item).eventId),
    ).toEqual(['r3', 'r2', 'r1'])
    expect(await run(['events', 'rejected', '--limit', 'all'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--limit is "all"'),
    })
  })

  it('tries them again after the cause was mended, and says what is still refused', async () => {
    const events = `
      import { defineEvent, defineModule } from '@waymark/contract'
      import { z } from 'zod'
      const meta = { version: '1.0.0', stability: 'stable', owners: ['test'], tags: [], description: 'For a test.' } as const
      const payload = z.object({ amount: z.AMOUNT() })
      const Paid = defineEvent({ meta: { ...meta, key: 'bill.paid' }, payload })
      export default defineModule({ key: 'bills', contracts: [Paid] })
    `
    const folder = makeFolder({ 'waymark/bills.ts': events.replace('AMOUNT', 'string') })
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const paid = (id: string, amount: unknown) =>
      JSON.stringify({ learnerId: 'p', eventName: 'bill.paid', eventId: id, eventPayload: { amount } })
    const first = await serve({ cwd: folder })
    const lines = [paid('p1', 1), paid('p2', 2), paid('p3', true), JSON.stringify({ eventName: 'bill.paid', eventId: 'p4' })]
    await waymark(['events', 'send', '--file', '-'], { cwd: folder, env: { WAYMARK_URL: first.url }, input: lines.join('\n') })
    await first.stop()
    writeFileSync(join(folder, 'waymark/bills.ts'), events.replace('AMOUNT', 'number'))
    const second = await serve({ cwd: folder })
    onTestFinished(async () => {
      await second.stop()
    })
    const there = (...args: readonly string[]) =>
      waymark(['events', 'rejected', ...args], { cwd: folder, env: { WAYMARK_URL: second.url } })
    const [newest] = (await there('--json', '--limit', '1')).stdout.split('\n')
    const one = await there('redrive', '--id', JSON.parse(newest as string).id, '--id', 'nothing', '--json')
    expect(one.code).toBe(8)
    expect(JSON.parse(one.stdout)).toMatchObject({
      events: 2,
      statuses: { invalid: 1, not_found: 1 },
      failures: [{ eventId: 'p4', status: 'invalid', problem: { code: 'VALIDATION_FAILED' } }, { id: 'nothing' }],
    })
    const all = await there('redrive', '--all', '--event', 'bill.paid')
    expect(all).toMatchObject({ code: 8, stdout: '4 events: 2 unmatched, 2 invalid\n' })
    expect(all.stderr.split('\n')).toEqual([
      expect.stringMatching(/ {2}p3 {2}invalid {2}\/eventPayload\/amount/),
      expect.stringMatching(/ {2}p4 {2}invalid {2}\/learnerId/),
      '',
    ])
    const left = await there('list', '--json')
    expect(left.stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(await there('redrive', '--all', '--code', 'FORBIDDEN')).toEqual({ code: 0, stdout: '0 events: none\n', stderr: '' })
  })

  it.each([
    ['nothing', []],
    ['both ways to choose', ['--all', '--id', 'x']],
    ['a filter beside ids', ['--id', 'x', '--event', 'deal.won']],
  ])('refuses to redrive with %s', async (_, args) => {
    expect(await run(['events', 'rejected', 'redrive', ...args])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('events unknown', () => {
  it('lists names without a contract with the fields they came with, also after a restart', async () => {
    const folder = makeFolder({})
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const at = (url: string, args: readonly string[], input?: string) =>
      waymark(['events', ...args], { cwd: folder, env: { WAYMARK_URL: url }, ...(input === undefined ? {} : { input }) })
    const first = await serve({ cwd: folder })
    expect(await at(first.url, ['unknown'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Every event that came in the last 30 days has a contract or a mapping.\n',
    })
    const events = [
      { eventName: 'page', eventPayload: { url: '/start', visit: { count: 1 } } },
      { eventName: 'page', eventPayload: { url: '/next', visit: { count: 2 } } },
      { eventName: 'screen' },
    ]
    const lines = events.map((event) => JSON.stringify({ learnerId: 'u', ...event })).join('\n')
    await at(first.url, ['send', '--file', '-'], lines)
    await first.stop()
    const second = await serve({ cwd: folder })
    onTestFinished(async () => {
      await second.stop()
    })
    const text = await at(second.url, ['unknown'])
    expect(text.stdout.split('\n').sort()).toEqual([
      '',
      '  by rest: /url string, /visit object, /visit/count number',
      '  by rest: no fields',
      expect.stringMatching(/^page {2}2 times, last \S+Z$/),
      expect.stringMatching(/^screen {2}1 time, last \S+Z$/),
    ])
    const one = await at(second.url, ['unknown', '--limit', '1', '--json'])
    expect(
      one.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).count),
    ).toHaveLength(1)
    expect(one.stderr).toContain('There are more')
  })
})

describe('explain', () => {
  it('shows how each step stands, and what one event did', async () => {
    const args = ['events', 'send', 'contact.created', '--learner', 'eve', '--payload', '{"contactId":"c"}', '--id', 'x1']
    await run(args)
    const standing = await run(['explain', 'eve'])
    expect(standing.stdout).toContain('first-win / add-contact  completed\n  ✓ 1 of 1 `contact.created` counted\n')
    expect(standing.stdout).toContain('first-win / win-deal  locked\n')
    const event = await run(['explain', 'eve', '--event', 'x1'])
    expect(event.stdout).toMatch(
      /^contact\.created 1\.0\.0 x1, occurred \S+, received \S+ by rest\nfirst-win \/ add-contact {2}completed\n/,
    )
    const supposed = await run(['explain', 'eve', '--name', 'deal.created', '--payload', DEAL])
    expect(supposed.stdout).toMatch(/^deal\.created 1\.0\.0, if it were reported now .*\nfirst-win \/ open-deals {2}progressed: /)
    const step = await run(['explain', 'eve', '--step', 'open-deals'])
    expect(step.stdout).toContain('first-win / open-deals  locked\n')
    expect(step.stdout).toContain('  ✗ 0 of 3 `deal.created` counted, each with another dealId\n')
    const json = await run(['explain', 'eve', '--track', 'first-win', '--json'])
    expect(JSON.parse(json.stdout).steps).toHaveLength(6)
  })

  it('ends with 2 for what belongs to another kind of event', async () => {
    expect(await run(['explain', 'eve', '--payload', DEAL])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--payload belongs'),
    })
    const both = await run(['explain', 'eve', '--event', 'x1', '--name', 'deal.created'])
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--name belongs') })
  })

  it('says when there is nothing, and ends with 5 for what there is not', async () => {
    expect(await run(['explain', 'nobody'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('in no track yet'),
    })
    expect(await run(['explain', 'nobody', '--event', 'e'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('EVENT_NOT_FOUND'),
    })
  })
})

describe('simulate', () => {
  it('says how a track would stand and what would be announced, and stores nothing', async () => {
    const event = { eventName: 'pipeline.created', eventPayload: { pipelineId: 'p' }, occurredAt: '2026-03-02T09:00:00Z' }
    const events = `${JSON.stringify(event)}\n`
    const { code, stdout } = await run(['simulate', '--track', 'first-win', '--events', '-'], {}, events)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^first-win \S+ at 2026-03-02T09:00:00\.000Z: active, \d+%\n/)
    expect(stdout).toContain('  completed create-pipeline\n')
    expect(stdout).toContain('Would be announced:\n  2026-03-02T09:00:00.000Z enrolled\n')
    expect(stdout).toContain('  2026-03-02T09:00:00.000Z xp.granted create-pipeline 10 XP\n')
  })

  it('reads another definition, and wants one track', async () => {
    const next = join(cwd, 'next.yaml')
    const step = '{ key: s, complete: { event: deal.won } }'
    writeFileSync(next, `format: waymark.track/1\nkey: next\nversion: 1.0.0\nsteps: [${step}]\n`)
    const json = await run(['simulate', '--definition', next, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ track: { trackId: 'next', status: 'not_enrolled' }, facts: [] })
    expect(await run(['simulate', 'ada'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Name one track') })
    const broken = await run(['simulate', '--track', 'first-win', '--events', '-'], {}, '{')
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no JSON in line 1 of -') })
    const missing = await run(['simulate', '--track', 'first-win', '--events', 'nowhere.ndjson'])
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere.ndjson cannot be read') })
  })
})

describe('every client', () => {
  const args = ['explain', 'ada']

  it('ends with 4 without a key, and with a wrong one', async () => {
    const other = makeFolder()
    onTestFinished(() => rmSync(other, { recursive: true }))
    const none = await waymark(args, { cwd: other, env: { WAYMARK_URL: serving.url } })
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining('There is no secret key') })
    const wrong = await run(args, { WAYMARK_SECRET_KEY: `wm_sk_${'x'.repeat(30)}` })
    expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('UNAUTHENTICATED') })
  })

  it('ends with 7 where nothing answers, and says so where something else does', async () => {
    const stranger = createServer((_, response) => response.end('<html>hello</html>'))
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    expect(await run(args, { WAYMARK_URL: url })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not a Waymark server'),
    })
    await new Promise((resolve) => stranger.close(resolve))
    expect(await run(args, { WAYMARK_URL: url })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining(`No server answers at ${url} (ECONNREFUSED)`),
    })
  })

  it('ends with 2 on a wrong setting', async () => {
    expect(await run(args, { WAYMARK_URL: 'localhost' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('WAYMARK_URL is "localhost"'),
    })
  })
})
