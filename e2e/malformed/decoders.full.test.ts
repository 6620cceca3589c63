/** What takes bytes, words or lines without HTTP: the consumer of a bus, the command line, and the bridge of MCP. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  createBusConsumer,
  decodeMessage,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  type WireMessage,
} from '@waymark/surface/bus'
import { operationCommands } from '@waymark/surface/cli'
import { serveNode } from '@waymark/surface/rest/node'
import { expect, it, vi } from 'vitest'
import { EXIT_CODES } from '../../apps/server/src/cli/exit-codes.ts'
import { describeFailure } from '../../apps/server/src/cli/fail.ts'
import { addOperationCommand } from '../../apps/server/src/cli/operation-commands.ts'
import { createProgram } from '../../apps/server/src/cli/program.ts'
import { createFixture } from '../../packages/surface/test-support/fixture.ts'
import { below, type Random } from '../faults/random.ts'
import { ServerProcess } from '../server/server-process.ts'
import { damagedBytes, damagedJson, ODD_TEXTS, oneOf, randomOf } from './damage.ts'
import { Failures } from './failures.ts'
import { CASES, LONGEST_RUN, ONLY, SEED } from './setting.ts'
import { cloudEvent, isStreamed, OPERATION_CALLS, registry } from './valid-requests.ts'

/** Plays cases of these numbers, or the one that is asked for. */
async function playAll(
  what: string,
  count: number,
  play: (random: Random, number: number) => Promise<string | undefined>,
): Promise<void> {
  console.log(`${what}: MALFORMED_SEED=${SEED} ${count} cases`)
  const failures = new Failures()
  for (let number = ONLY ?? 0; number < (ONLY === undefined ? count : ONLY + 1); number++) {
    const flaw = await play(randomOf(SEED, number), number).catch((error: unknown) => `it throws ${(error as Error).stack}`)
    if (flaw !== undefined) failures.add(flaw, number)
  }
  expect(String(failures)).toBe('')
}

it('messages of a bus are consumed, or dead with a reason', { timeout: LONGEST_RUN }, async () => {
  const { runtime, ingested, failures } = createFixture()
  const consumer = createBusConsumer({
    runtime,
    mappings: [{ from: 'e', to: 'order.placed@2', learner: '/l' }],
    defaultTenant: 'default',
  })
  const outcomes = new Map<string, number>()
  await playAll('messages of a bus', Math.ceil(CASES / 5), async (random) => {
    const message = oddMessage(random)
    const before = ingested.length
    const { outcome, ...more } = await consumer.consume(message)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (failures.length > 0) return `a defect: ${String(failures.pop())}`
    // Nothing here comes again in another state.
    if (outcome === 'retry') return `retry: ${JSON.stringify(more)}`
    if (outcome === 'dead' && !('reason' in more && more.reason !== '')) return 'dead without a reason'
    if (!decodeMessage(message).ok && ingested.length > before) return 'something of a message that cannot be read'
    ingested.length = 0
    return undefined
  })
  console.log([...outcomes].map(([outcome, count]) => `${outcome}: ${count}`).join(', '))
})

type Event = Parameters<typeof encodeBinary>[0]

function oddMessage(random: Random): WireMessage {
  const event = {
    ...cloudEvent,
    type: oneOf(random, ['order.placed.v2', 'order.placed', 'e', 'order.lost']),
    ...(random() < 0.3 ? { channel: 'rest', tenant: 'default' } : {}),
  } as unknown as Event
  const right = oneOf(random, [() => encodeStructured(event), () => encodeBinary(event), () => encodeBatch([event, event])])()
  const text = Buffer.from(right.body).toString()
  const body = random() < 0.5 ? damagedBytes(random, Buffer.from(text)) : Buffer.from(damagedJson(random, JSON.parse(text)))
  const headers: Record<string, string> = { ...right.headers }
  for (let left = below(random, 3); left > 0; left--) {
    const name = oneOf(random, [
      ...Object.keys(headers),
      'content-type',
      'ce-',
      'ce-__proto__',
      'ce-constructor',
      '__proto__',
      'ce-data',
      'CE-ID',
    ])
    if (random() < 0.3) delete headers[name]
    else
      Object.defineProperty(headers, name, {
        value: oneOf(random, [...ODD_TEXTS, '%', '%ff', '%c0%af', 'text/plain', 'application/cloudevents+json']),
        enumerable: true,
        configurable: true,
        writable: true,
      })
  }
  return { headers, body: random() < 0.05 ? new Uint8Array() : body }
}

it('words of the command line end with an exit code and a message', { timeout: LONGEST_RUN }, async () => {
  const { rest, runtime } = createFixture()
  const server = await serveNode((request) => rest.fetch(asService(request)), { host: '127.0.0.1', port: 0 })
  vi.stubEnv('WAYMARK_URL', server.url)
  vi.stubEnv('WAYMARK_SECRET_KEY', `wm_sk_${'0'.repeat(32)}`)
  const exits = new Map<string, number>()
  const written: string[] = []
  const write = (chunk: unknown) => {
    written.push(String(chunk))
    return true
  }
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write as never))
  const commands = operationCommands(registry)
  // A stream of the shop has no end.
  const calls = OPERATION_CALLS.filter((call) => runtime.registry.operation(call.entry.id) !== undefined && !isStreamed(call))
  try {
    await playAll('command lines', Math.ceil(CASES / 50), async (random) => {
      const { entry, input } = oneOf(random, calls)
      const command = commands.find((command) => command.entry === entry)
      if (command === undefined) return undefined
      const program = createProgram()
      addOperationCommand(program, command)
      written.length = 0
      const { exit, message } = await program
        .parseAsync(['node', 'waymark', ...oddWords(random, command.words, command.flags, input)])
        .then(
          () => ({ exit: 'ok', message: '' }),
          (error: unknown) => (isUsage(error) ? { exit: 'usage', message: written.join('') } : describeFailure(error)),
        )
      exits.set(exit, (exits.get(exit) ?? 0) + 1)
      if (!(exit in EXIT_CODES)) return `the exit ${exit}`
      // A defect ends with 1, and with its stack.
      if (exit === 'failure') return `${exit}: ${message}`
      if (exit !== 'ok' && message.trim() === '') return `${exit} without a word`
      return /\n\s+at /.test(message) ? `a stack: ${message}` : undefined
    })
  } finally {
    for (const stream of streams) stream.mockRestore()
    vi.unstubAllEnvs()
    process.removeAllListeners('SIGINT')
    await server.close()
  }
  console.log([...exits].map(([exit, count]) => `${exit}: ${count}`).join(', '))
})

it('lines of MCP on standard input are answered, and the right ones between them too', { timeout: LONGEST_RUN }, async () => {
  const modules = new URL('./shop-module.ts', import.meta.url).pathname
  const server = await ServerProcess.start({ modules })
  const bridge = spawn(process.execPath, ['--conditions=@waymark/source', MAIN, 'mcp'], {
    cwd: server.folder,
    env: { PATH: process.env.PATH, WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let wake = () => {}
  const ended = once(bridge, 'exit')
  bridge.on('exit', () => wake())
  const answers = new Map<unknown, string>()
  const flaws: string[] = []
  let rest = ''
  // Not by node:readline, which also takes U+2028 for the end of a line.
  bridge.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines) {
      const flaw = lineFlaw(line)
      if (flaw === undefined) answers.set((JSON.parse(line) as { readonly id?: unknown }).id, line)
      else flaws.push(flaw)
    }
    wake()
  })
  const call = (id: string, text: string) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'shop.catalog.search', arguments: { text } },
  })
  const say = (bytes: string | Buffer) => bridge.stdin.write(Buffer.concat([Buffer.from(bytes), Buffer.from('\n')]))
  try {
    say(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 'start',
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
      }),
    )
    say('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    await playAll('lines of MCP', Math.ceil(CASES / 100), async (random, number) => {
      for (let left = 10; left > 0; left--) say(oddLine(random))
      const id = `right-${number}`
      say(JSON.stringify(call(id, id)))
      while (!answers.has(id) && bridge.exitCode === null) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const answer = answers.get(id)
      answers.clear()
      if (answer === undefined) return `the bridge ended with ${bridge.exitCode}`
      return answer.includes(`"text":"${id}"`) ? flaws.pop() : `another answer: ${answer}`
    })
    bridge.stdin.end()
    expect(await ended).toEqual([0, null])
  } finally {
    bridge.kill('SIGKILL')
    await server.remove()
  }
})

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))

/** A line is one message: what is damaged stays on it. */
function oddLine(random: Random): Buffer {
  const { entry, input } = oneOf(
    random,
    OPERATION_CALLS.filter(({ entry }) => !entry.id.includes('watchFacts')),
  )
  const method = oneOf(random, [
    'tools/call',
    'tools/call',
    'tools/list',
    'resources/list',
    'resources/read',
    'ping',
    'initialize',
    'server/discover',
    'notifications/cancelled',
    ...ODD_TEXTS,
  ])
  const params = {
    name: entry.operation.meta.key,
    arguments: input,
    cursor: 'a',
    uri: 'waymark://contracts/a',
    protocolVersion: '2025-11-25',
    requestId: 1,
  }
  const message = { jsonrpc: '2.0', id: oneOf(random, [1, 'a', null, 1.5, -1, undefined]), method, params }
  const text = Buffer.from(damagedJson(random, random() < 0.05 ? [message] : message))
  const line = random() < 0.4 ? damagedBytes(random, text) : text
  return line.filter((byte) => byte !== 0x0a) as Buffer
}

function lineFlaw(line: string): string | undefined {
  try {
    const message = JSON.parse(line) as Readonly<Record<string, unknown>>
    if (message.jsonrpc !== '2.0' || !('result' in message || 'error' in message || 'method' in message))
      return `no JSON-RPC: ${line}`
    return /"code":-32603|urn:waymark:error:INTERNAL|\n\s+at /.test(line) ? `a defect: ${line}` : undefined
  } catch {
    return `no JSON: ${line}`
  }
}

/** The key of the command is none of the shop's. */
function asService(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set('authorization', 'Bearer service')
  return new Request(request, { headers })
}

function isUsage(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code).startsWith('commander.')
}

function oddWords(
  random: Random,
  words: readonly string[],
  flags: readonly { readonly name: string; readonly field: string; readonly kind: string }[],
  input: Readonly<Record<string, unknown>>,
): string[] {
  const all = [...words]
  for (const { name, field, kind } of flags) {
    if (!(field in input) && random() < 0.8) continue
    const value = input[field] ?? 'x'
    const text =
      random() < 0.4
        ? oneOf(random, ODD_TEXTS)
        : random() < 0.3
          ? damagedJson(random, value)
          : typeof value === 'string'
            ? value
            : JSON.stringify(value)
    all.push(
      ...(kind === 'switch'
        ? [`--${random() < 0.3 ? 'no-' : ''}${name}`]
        : random() < 0.7
          ? [`--${name}=${text}`]
          : [`--${name}`, text]),
    )
  }
  for (let left = below(random, 3); left > 0; left--)
    all.splice(
      below(random, all.length + 1),
      below(random, 2),
      oneOf(random, [
        '--',
        '-',
        '--json',
        '--all',
        '--__proto__',
        '--constructor=1',
        '--input',
        '--input=/nonexistent',
        '--idempotency-key= ',
        '-x',
        '--no-json',
        '---',
        '--=',
        ...ODD_TEXTS,
      ]),
    )
  // It would read the standard input of this process.
  return all.filter((word, index) => !(word === '-' && all[index - 1] === '--input') && word !== '--input=-')
}
