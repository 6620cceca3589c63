// What a user gets: every public package is built and packed from a copy of this repository, checked, installed into an empty folder,
// and used there from JavaScript, from TypeScript and as a command.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bin, env, type Manifest, packages, packRepository, rootManifest, run, tarballName } from './pack-repository.ts'

/** Every entry that the packages export, as a user writes it. */
const entries = packages.flatMap(({ manifest }) =>
  Object.keys(manifest.exports ?? {}).map((path) => manifest.name + path.slice(1)),
)
const codeEntries = entries.filter((entry) => !entry.endsWith('.json'))

const temporary = mkdtempSync(join(tmpdir(), 'waymark-pack-'))
const tarballs = join(temporary, 'tarballs')
const user = join(temporary, 'user')

beforeAll(async () => {
  await packRepository(temporary, tarballs)
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  const versions = ['zod', '@types/node'].map((name) => `${name}@${rootManifest.devDependencies?.[name]}`)
  await run(
    user,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    ...packages.map(({ manifest }) => tarballOf(manifest)),
    ...versions,
  )
})
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

describe.each(packages)('the tarball of $manifest.name', ({ manifest }) => {
  test('passes publint', async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(readFileSync(tarballOf(manifest))).buffer },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('passes attw for users of ES modules', async () => {
    const json = Object.keys(manifest.exports ?? {}).filter((path) => path.endsWith('.json'))
    const args = [
      '--profile',
      'esm-only',
      '--no-definitely-typed',
      '--format',
      'ascii',
      '--no-emoji',
      '--exclude-entrypoints',
      ...json,
    ]
    await run(user, process.execPath, bin('@arethetypeswrong/cli', 'dist/index.js'), tarballOf(manifest), ...args)
  })

  test('holds the licence, no sources and no tests', () => {
    const installed = join(user, 'node_modules', manifest.name)
    const files = globSync('**/*', { cwd: installed, exclude: (name) => name === 'node_modules' })
    expect(files).toContain('LICENSE')
    expect(files.filter((file) => /\.test\b|\.test-d\b|tsbuildinfo|^src|(?<!\.d)\.ts$/.test(file))).toEqual([])
  })
})

// The conformance suite runs inside vitest, the optional peer of the store, and nowhere else.
const runsAnywhere = (entry: string) => !entry.endsWith('/conformance')

test('every entry loads from plain JavaScript', async () => {
  const lines = entries
    .filter(runsAnywhere)
    .map((entry) =>
      entry.endsWith('.json') ? `await import('${entry}', { with: { type: 'json' } })` : `await import('${entry}')`,
    )
  writeFileSync(join(user, 'entries.js'), lines.join('\n'))
  await run(user, process.execPath, 'entries.js')
})

test('contracts are declared, bound and called from plain JavaScript', async () => {
  const code = `
    import { composeRegistry, createRuntime, defineModule, defineQuery, implement, invoke } from '@waymark/contract'
    import { RecordOnboardingEventContract } from '@waymark/learning-journey'
    import { z } from 'zod'
    const greet = defineQuery({
      meta: { key: 'demo.greet', version: '1.0.0', stability: 'stable', owners: ['demo'], tags: [], description: 'Greets.' },
      io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
      policy: { auth: 'anonymous' },
    })
    const demo = defineModule({ key: 'demo', contracts: [greet] })
    const runtime = createRuntime({
      registry: composeRegistry(demo),
      implementations: [implement(demo).handlers({ 'demo.greet': async ({ input }) => ({ text: 'Hello ' + input.name }) })],
      ports: {
        now: Date.now, newId: () => crypto.randomUUID(), hash: (text) => text,
        after: (milliseconds, call) => { const timer = setTimeout(call, milliseconds); return () => clearTimeout(timer) },
        unitOfWork: { run: (tenant, work) => work({ tenant }) },
      },
    })
    const result = await invoke(runtime, 'demo.greet', { name: 'Ada' }, { principal: { kind: 'anonymous', tenant: 'demo' }, channel: 'test' })
    console.log(JSON.stringify([result.ok ? result.data : result.problem, RecordOnboardingEventContract.meta.key]))
  `
  writeFileSync(join(user, 'call.js'), code)
  expect(JSON.parse(await run(user, process.execPath, 'call.js'))).toEqual([
    { text: 'Hello Ada' },
    'learning.onboarding.recordEvent',
  ])
})

test('strict TypeScript reads every declaration, those of the packages included', async () => {
  const code = `
    import { defineModule, defineCommand, implement, type InputOf } from '@waymark/contract'
    import { RecordOnboardingEventContract } from '@waymark/learning-journey'
    import { z } from 'zod'
    ${codeEntries.map((entry, index) => `export type * as entry${index} from '${entry}'`).join('\n')}
    const greet = defineCommand({
      meta: { key: 'demo.greet', version: '1.0.0', stability: 'stable', owners: ['demo'], tags: [], description: 'Greets.' },
      io: { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) },
      policy: { auth: 'anonymous' },
    })
    implement(defineModule({ key: 'demo', contracts: [greet] })).handlers({ 'demo.greet': async ({ input }) => ({ text: input.name }) })
    // @ts-expect-error The handler is missing: had the declarations become \`any\`, this would compile.
    implement(defineModule({ key: 'demo', contracts: [greet] })).handlers({})
    export const input: InputOf<typeof RecordOnboardingEventContract> = { learnerId: 'l1', eventName: 'deal.created' }
    // @ts-expect-error A learner is named by text.
    input.learnerId = 1
  `
  writeFileSync(join(user, 'use.ts'), code)
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2024',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
    }
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
    await run(user, process.execPath, bin('typescript', 'bin/tsc'), '-p', '.', '--pretty', 'false')
  }
})

test('the installed command tells its version', async () => {
  const version = packages.find(({ manifest }) => manifest.name === 'waymark')?.manifest.version ?? ''
  expect(version).not.toBe('')
  expect(await run(user, 'npx', '--no-install', 'waymark', '--version')).toContain(version)
})

test('the installed command builds the reference of the modules of a user, with pages of their own', async () => {
  const folder = join(user, 'library')
  mkdirSync(join(folder, 'waymark'), { recursive: true })
  mkdirSync(join(folder, 'docs', 'guides'), { recursive: true })
  writeFileSync(
    join(folder, 'waymark', 'library.ts'),
    `import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'

export const BookLent = defineEvent({
  meta: { key: 'book.lent', version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'Somebody lent a book.' },
  payload: z.object({ isbn: z.string() }),
})

export default defineModule({ key: 'library', contracts: [BookLent] })
`,
  )
  writeFileSync(join(folder, 'docs', 'guides', 'lend.md'), '# Lend a book\n\nTake one.\n')
  await run(folder, process.execPath, join(user, 'node_modules/waymark/bin/waymark.js'), 'docs', 'build', '--pages', 'docs')
  expect(readFileSync(join(folder, 'reference', 'book.lent@1.0.0.md'), 'utf8')).toContain('- File: `waymark/library.ts:4`')
  expect(readFileSync(join(folder, 'reference', 'guides', 'lend.html'), 'utf8')).toContain('<h1 id="lend-a-book">')
  expect(readFileSync(join(folder, 'reference', 'server.database.backup@1.0.0.md'), 'utf8')).toContain(
    '- File: `apps/server/src/database/contracts.ts:',
  )
})

test('the installed server takes an event into its file and stops when it is told to', async () => {
  const key = `wm_sk_${'k'.repeat(40)}`
  const command = join(user, 'node_modules', 'waymark', 'bin', 'waymark.js')
  const server = spawn(process.execPath, [command, 'serve'], {
    cwd: user,
    env: { ...env, PORT: '0', WAYMARK_SECRET_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await new Promise<string>((found, failed) => {
      let output = ''
      server.stdout.on('data', (chunk) => {
        output += chunk
        const [match] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? []
        if (match !== undefined) found(match)
      })
      server.once('exit', (code) => failed(new Error(`The server ended with ${code}.\n${output}`)))
    })
    const response = await fetch(`${url}/v1/learning/onboarding/recordEvent`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        learnerId: 'ada',
        eventName: 'pipeline.created',
        eventPayload: { pipelineId: 'p-1', name: 'Sales' },
      }),
    })
    expect(await response.json()).toMatchObject({ success: true, outcomes: [{ trackId: 'first-win', verdict: 'completed' }] })
    expect(existsSync(join(user, '.waymark', 'waymark.db'))).toBe(true)
    const page = await (await fetch(`${url}/docs/learning.onboarding.recordEvent@1.0.0.md`)).text()
    expect(page).toMatch(/^- File: `packages\/modules\/learning-journey\/src\/contracts\/onboarding\.ts:\d+`$/m)
    expect(page).toContain('export const RecordOnboardingEventContract = defineCommand({')
    const tutorial = await fetch(`${url}/docs/tutorial/first-track.html`)
    expect([tutorial.status, await tutorial.text()]).toEqual([200, expect.stringContaining('Write your first track</h1>')])
  } finally {
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }
})

function tarballOf(manifest: Manifest): string {
  return join(tarballs, tarballName(manifest))
}
