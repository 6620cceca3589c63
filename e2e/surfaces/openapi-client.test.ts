import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

/** A program of somebody who has nothing of ours but the document: types by openapi-typescript, calls by openapi-fetch. */
const PROGRAM = `
import createClient from 'openapi-fetch'
import type { paths } from './waymark.ts'

const [, , baseUrl = '', key = ''] = process.argv
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } })
const nobody = createClient<paths>({ baseUrl })
const pipeline = { learnerId: 'ada', eventName: 'pipeline.created', eventPayload: { pipelineId: 'p', name: 'New' } }

const recorded = await client.POST('/v1/learning/onboarding/recordEvent', {
  params: { header: { 'Idempotency-Key': 'first' } },
  body: { ...pipeline, occurredAt: new Date().toISOString() },
})
const isNew: boolean | undefined = recorded.data && !recorded.data.duplicate

const progress = await client.GET('/v1/learning/onboarding/getProgress', { params: { query: { learnerId: 'ada' } } })
const tracks: string[] | undefined = progress.data?.tracks.map(({ trackId, status }) => \`\${trackId} \${status}\`)

const declared = await client.POST('/v1/learning/onboarding/recordEvent', { body: { ...pipeline, trackId: 'frist-week' } })
let nearest: string | undefined
if (declared.error?.code === 'TRACK_NOT_FOUND') nearest = declared.error.data.trackId

const refused = await nobody.GET('/v1/learning/onboarding/getProgress', { params: { query: { learnerId: 'ada' } } })
const reserved: 'UNAUTHENTICATED' | undefined = refused.error?.code === 'UNAUTHENTICATED' ? refused.error.code : undefined
const wrong = await client.POST('/v1/learning/onboarding/recordEvent', { body: { ...pipeline, learnerId: '' } })
const pointers = wrong.error?.errors?.map(({ pointer }) => pointer)

const listed: string[] = []
let cursor: string | null = null
do {
  const query: { limit: number; cursor?: string } = { limit: 1, ...(cursor === null ? {} : { cursor }) }
  const page = await client.GET('/v1/learning/onboarding/listFacts', { params: { query } })
  if (page.data === undefined) throw new Error(page.error.detail)
  listed.push(...page.data.items.map(({ factId }) => factId))
  cursor = page.data.nextCursor
} while (cursor !== null)

const hello = await client.POST('/v1/deprecated/hello', { body: { name: 'Ada' } })

console.log(JSON.stringify({ isNew, tracks, nearest, reserved, pointers, listed, hello: [hello.response.status, hello.response.headers.get('sunset')] }))
`

const run = promisify(execFile)
const foreign = createRequire(resolve(import.meta.dirname, '../foreign-client/package.json'))
const binOf = (name: string, bin: string) => join(dirname(foreign.resolve(`${name}/package.json`)), bin)

const MODULE = `
import { defineCommand, defineModule, implement } from '@waymark/contract'
import { z } from 'zod'
const Hello = defineCommand({
  meta: {
    key: 'deprecated.hello', version: '1.0.0', stability: 'deprecated', owners: [], tags: ['hello'], description: 'Says hello.',
    deprecation: { since: '2026-01-01', sunset: '2999-01-01' },
  },
  io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
  policy: { auth: 'service', idempotent: true },
})
const hello = defineModule({ key: 'hello', contracts: [Hello], tags: { hello: 'Greetings.' } })
export default implement(hello).handlers({ 'deprecated.hello': async ({ input }) => ({ text: input.name }) })
`

let folder: string
let server: ServerProcess
let document: string
beforeAll(async () => {
  const root = resolve(import.meta.dirname, '../..')
  folder = await mkdtemp(join(tmpdir(), 'waymark-foreign-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'hello.ts'), MODULE)
  const modules = `${join(root, 'examples/crm/waymark/*.ts')},${join(folder, 'hello.ts')}`
  server = await ServerProcess.start({ modules, env: { WAYMARK_LICENSE: 'LicenseRef-Own' } })
  document = await (await fetch(`${server.url}/openapi.json`)).text()
  await writeFile(join(folder, 'openapi.json'), document)
  await run(process.execPath, [binOf('openapi-typescript', 'bin/cli.js'), 'openapi.json', '-o', 'waymark.ts'], { cwd: folder })
})
afterAll(async () => {
  await server?.remove()
  await rm(folder, { recursive: true, force: true })
})

/** What the compiler says of each program, all in one go: it takes seconds to begin. */
async function compile(programs: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  for (const [file, program] of Object.entries(programs)) await writeFile(join(folder, file), program)
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--allowImportingTsExtensions']
  const types = ['--skipLibCheck', '--typeRoots', join(folder, 'node_modules/@types'), '--types', 'node']
  const tsc = [binOf('typescript', 'bin/tsc'), ...options, ...types, ...Object.keys(programs)]
  const output = await run(process.execPath, tsc, { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  )
  return new Map(
    Object.keys(programs).map((file) => [
      file,
      output
        .split('\n')
        .filter((line) => line.startsWith(`${file}(`))
        .join('\n'),
    ]),
  )
}

const WRONG = [
  ['a field that is missing', "eventName: 'pipeline.created',", '', 'learnerId: string; eventName: string;'],
  ['a code that the call never answers', "'TRACK_NOT_FOUND'", "'TRACK_PAUSED'", 'have no overlap'],
  ['a field that the answer does not have', 'recorded.data.duplicate', 'recorded.data.twin', "Property 'twin' does not exist"],
  ['a parameter of another type', '{ limit: number;', '{ limit: Date;', 'is not assignable'],
] as const

describe('the OpenAPI document of a running server', () => {
  it('has nothing that Redocly would mend', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] })
    const problems = await lintFromString({ source: document, config })
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
    expect(JSON.parse(document)).toMatchObject({ info: { license: { name: 'LicenseRef-Own' } } })
    expect(JSON.parse(document).tags).toContainEqual({ name: 'hello', description: 'Greetings.' })
  })

  describe('gives somebody else a client', () => {
    let said: ReadonlyMap<string, string>
    beforeAll(async () => {
      const wrong = WRONG.map(([, right, instead], index) => [`wrong-${index}.ts`, PROGRAM.replace(right, instead)])
      said = await compile({ 'program.ts': PROGRAM, ...Object.fromEntries(wrong) })
      // Somebody else's compiler reads 8,000 lines, on a machine that may have other work.
    }, 240_000)

    it('that compiles and calls', async () => {
      expect(said.get('program.ts')).toBe('')
      const { stdout } = await run(process.execPath, ['program.ts', server.url, server.key], { cwd: folder })
      const answers = JSON.parse(stdout)
      expect(answers).toMatchObject({
        isNew: true,
        tracks: ['first-win active'],
        nearest: 'frist-week',
        reserved: 'UNAUTHENTICATED',
        pointers: ['/learnerId'],
        hello: [200, 'Tue, 01 Jan 2999 00:00:00 GMT'],
      })
      expect(answers.listed.length).toBeGreaterThan(1)
      expect(new Set(answers.listed).size).toBe(answers.listed.length)
    })

    it.each(WRONG.map(([what, , , message], index) => [what, message, `wrong-${index}.ts`]))(
      'in which the compiler sees %s',
      (_, message, file) => {
        expect(said.get(file)).toContain(message)
      },
    )
  })
})
