/** Every call that the pages of Waymark's own contracts show: it is what a reader can run, compile or send. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStream, type OperationEntry, validate as validateSchema } from '@waymark/contract'
import { decodeMessage } from '@waymark/surface/bus'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { buildSchema, parse, validate } from 'graphql'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { addOperationCommands } from '../../apps/server/src/cli/operation-commands.ts'
import { createProgram } from '../../apps/server/src/cli/program.ts'
import { prepare } from '../../apps/server/src/compose.ts'
import { serverSite } from '../../apps/server/src/docs/server-site.ts'
import type { ServerProcess } from '../server/server-process.ts'
import { MadeIds, tellStory } from './example-story.ts'
import { shellWords } from './shell-words.ts'
import { startStoryServer, untilJobsEnded } from './story-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const { registry, tracks, implementations } = await prepare([], undefined)
const site = await serverSite({ registry, tracks, implementations, files: [], cwd: ROOT })
const SURFACES = { REST: 'sh', Client: 'ts', 'Command line': 'sh', GraphQL: 'graphql', MCP: 'json' } as const
type Surface = keyof typeof SURFACES

/** The call of an operation as its page has it. */
function shown({ id }: OperationEntry, surface: Surface): string {
  const [, calls = ''] = /\n## How to call it\n(.*?)\n## /s.exec(site.get(`${id}.md`) ?? '') ?? []
  const [, code] = new RegExp(`\n${surface}:\n\n\`\`\`${SURFACES[surface]}\n(.*?)\n\`\`\``, 's').exec(calls) ?? []
  if (code === undefined) throw new Error(`The page of ${id} does not say how it is called by ${surface}.`)
  return code
}
/** What every call of an operation says. */
const inputOf = ({ operation }: OperationEntry) => operation.meta.examples?.find(({ error }) => error === undefined)?.input
const rows = registry.operations.map((entry) => [entry.id, entry] as const)

let server: ServerProcess
beforeAll(async () => {
  server = await startStoryServer()
})
afterAll(() => server?.remove())
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

it('is answered by a server when it is the one of curl, told in the order of the examples', async () => {
  const ids = new MadeIds()
  const answered = new Set<string>()
  for (const { entry, example } of tellStory(registry)) {
    const { id, operation } = entry
    const isShown = example.error === undefined && !answered.has(id)
    const line = ids.fill(shown(entry, 'REST'))
    const { url, headers, body } = curl(shellWords(line, { WAYMARK_URL: server.url, WAYMARK_SECRET_KEY: server.key }))
    if (isShown) answered.add(id)
    const stop = new AbortController()
    const init = { method: 'POST', headers, body: isShown ? body : ids.fill(JSON.stringify(example.input)), signal: stop.signal }
    const response = await fetch(url, init)
    if (isShown) expect(response.status, `${id}: ${line}`).toBe(200)
    if (isStream(operation.io.output)) stop.abort()
    // Later chapters name ids that this one makes.
    else if (example.output !== undefined) expect(ids.differences(example.output, await response.json()), id).toEqual([])
    else await response.text()
    await untilJobsEnded(server)
  }
  expect([...answered].sort()).toEqual(registry.operations.map(({ id }) => id).sort())
})

it('fits the GraphQL schema of the server', async () => {
  const schema = buildSchema(await (await fetch(`${server.url}/schema.graphql`)).text())
  for (const [id, entry] of rows) {
    const problems = validate(schema, parse(shown(entry, 'GraphQL')))
    expect(
      problems.map(({ message }) => message),
      id,
    ).toEqual([])
  }
})

it('names a tool of MCP, with arguments that its schema admits', () => {
  const { tools } = JSON.parse(readFileSync(join(ROOT, 'docs/reference/generated/mcp-tools.json'), 'utf8')) as {
    readonly tools: readonly { readonly name: string; readonly inputSchema: object }[]
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const [id, entry] of rows) {
    const call = JSON.parse(shown(entry, 'MCP')) as { readonly name: string; readonly arguments: unknown }
    const tool = tools.find(({ name }) => name === call.name)
    expect(tool, id).toBeDefined()
    const admits = ajv.compile(tool?.inputSchema ?? {})
    expect(admits(call.arguments) || admits.errors, id).toBe(true)
    expect(call.arguments, id).toEqual(inputOf(entry))
  }
})

it('is a command line that the command reads as the same call', async () => {
  vi.stubEnv('WAYMARK_URL', 'http://waymark.test')
  vi.stubEnv('WAYMARK_SECRET_KEY', server.key)
  for (const [id, entry] of rows) {
    const calls: { readonly path: string; readonly body: unknown }[] = []
    vi.stubGlobal('fetch', async (url: string, init: { readonly body: string }) => {
      calls.push({ path: new URL(url).pathname, body: JSON.parse(init.body) })
      return Response.json({}, { status: 404 })
    })
    const [name, ...words] = shellWords(shown(entry, 'Command line'))
    expect(name).toBe('waymark')
    const program = createProgram()
    await addOperationCommands(program, words)
    await expect(program.parseAsync(words, { from: 'user' }), id).rejects.toThrow()
    const path = `/v${entry.major}/${entry.operation.meta.key.replaceAll('.', '/')}`
    expect(calls, id).toEqual([{ path, body: inputOf(entry) }])
  }
})

it('compiles when it is the one of the client', () => {
  const folder = join(ROOT, '.cache/shown-calls')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const functions = rows.map(
    ([id, entry]) =>
      `// ${id}\nexport async function call${rows.findIndex(([other]) => other === id)}() {\n${shown(entry, 'Client')}\n}`,
  )
  const code = `import { LearningJourneyModule } from '@waymark/learning-journey'
import { createClient } from '@waymark/surface/client'
import { ServerModule } from '../../apps/server/src/database/contracts.ts'

const client = createClient({ url: 'http://waymark.test' }, [LearningJourneyModule, ServerModule])
${functions.join('\n')}
`
  writeFileSync(join(folder, 'calls.ts'), code)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] }))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
  expect(stdout).toBe('')
})

it('is of an event a payload that its contract admits, and the message that has it', async () => {
  expect(registry.events.length).toBeGreaterThan(20)
  for (const { id, event } of registry.events) {
    const page = site.get(`${id}.md`) ?? ''
    const payload: unknown = JSON.parse(/\nJSON:\n\n```json\n(.*?)\n```/s.exec(page)?.[1] ?? '')
    expect(await validateSchema(event.payload, payload), id).toMatchObject({ ok: true })
    const [head = '', body = ''] = (/\nBus:\n\n```text\n(.*?)\n```/s.exec(page)?.[1] ?? '').split('\n\n')
    const headers = Object.fromEntries(head.split('\n').map((line) => line.split(/: (.*)/)))
    const decoded = decodeMessage({ headers, body: new TextEncoder().encode(body) })
    expect(decoded, id).toMatchObject({ ok: true, events: [{ type: headers.subject, data: payload }] })
  }
})

/** What `curl` sends for these words; flags that a page does not use are refused. */
function curl([name, url = '', ...flags]: readonly string[]) {
  expect(name).toBe('curl')
  const headers = new Headers()
  let body = ''
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value = ''] = [flags[i], flags[i + 1]]
    if (flag === '-H') headers.append(value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1).trim())
    else if (flag === '-d') body = value
    else throw new Error(`The flag ${flag} of curl is not read here.`)
  }
  return { url, headers, body }
}
