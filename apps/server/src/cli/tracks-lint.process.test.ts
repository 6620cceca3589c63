import { rmSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { makeFolder } from '../../test-support/temp-folder.ts'
import { waymark } from '../../test-support/waymark.ts'

const EVENTS = `
import { defineEvent, defineModule } from '@waymark/contract'
import { z } from 'zod'
const meta = { version: '1.0.0', stability: 'stable', owners: [], tags: [], description: 'x' } as const
export const BookRead = defineEvent({ meta: { ...meta, key: 'book.read' }, payload: z.object({ isbn: z.string() }) })
`
const MODULE = `${EVENTS}
export default defineModule({ key: 'library', contracts: [BookRead] })
`
const IMPLEMENTATION = `${EVENTS}
import { defineQuery, implement } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
const Hello = defineQuery({
  meta: { ...meta, key: 'library.hello' },
  io: { input: z.object({}), output: z.object({ text: z.string() }) },
  policy: { auth: 'anonymous' },
})
const library = defineModule({ key: 'library', contracts: [BookRead, Hello] })
export default implement(library).handlers({ 'library.hello': async () => ({ text: 'hello' }) })
export const tracks = [defineTrack({ key: 'reader', version: '1.0.0', steps: [{ key: 'read', complete: on(BookRead) }] })]
export const mappings = [{ from: 'Book Read', to: 'book.read' }]
`
const track = (change: object = {}) =>
  JSON.stringify({
    format: 'waymark.track/1',
    key: 'reader',
    version: '1.0.0',
    steps: [{ key: 'read', complete: { event: 'book.read' } }],
    ...change,
  })

const folders: string[] = []
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true })
})

function folder(files: Readonly<Record<string, string>>): string {
  folders.push(makeFolder(files))
  return folders.at(-1) as string
}

async function lint(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const cwd = folder(files)
  const { code, stdout, stderr } = await waymark(['tracks', 'lint', '--json', ...args], { cwd, env })
  return { code, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) }
}

it.concurrent('takes a module, an implementation with tracks and mappings, JSON and YAML', async () => {
  const yaml = 'format: waymark.track/1\nkey: yaml\nversion: 1.0.0\nsteps: [{ key: read, complete: { event: book.read } }]\n'
  const { code, report } = await lint({
    'waymark/a.ts': IMPLEMENTATION,
    'waymark/b.json': track({ key: 'json' }),
    'waymark/c.yaml': yaml,
  })
  expect(code).toBe(0)
  expect(report).toMatchObject({
    ok: true,
    problems: [],
    tracks: [
      { track: 'reader', orderFree: true, steps: 1 },
      { track: 'json', orderFree: true },
      { track: 'yaml', orderFree: true },
    ],
  })
})

it.concurrent('loads TypeScript as ES modules in a folder that npm made CommonJS', async () => {
  const { code, report } = await lint({
    'package.json': '{"type":"commonjs"}',
    'waymark/a.ts': MODULE,
    'waymark/b.json': track(),
  })
  expect({ code, ok: report.ok }).toEqual({ code: 0, ok: true })
})

it.concurrent('says whether a track is order-free', async () => {
  const leaf = { event: 'book.read', consume: 'exclusive' }
  const steps = [
    { key: 'one', complete: leaf },
    { key: 'two', complete: { sequence: [leaf, leaf] } },
  ]
  const { code, report } = await lint({ 'waymark/a.ts': MODULE, 'waymark/b.json': track({ steps }) })
  expect(code).toBe(0)
  expect(report.tracks).toMatchObject([{ orderFree: false, findings: [{ code: 'MAY_STAND' }] }])
})

it.concurrent('checks the sample where there is nothing else', async () => {
  const { code, report } = await lint({})
  expect(code).toBe(0)
  expect(report.tracks).toMatchObject([{ track: 'first-win', file: 'the built-in CRM sample' }])
})

it.concurrent('reports on the named files only, against all that is served', async () => {
  const { code, report } = await lint(
    { 'waymark/a.ts': MODULE, 'waymark/b.json': track({ version: 'one' }), 'drafts/c.json': track({ key: 'c' }) },
    ['drafts/c.json'],
  )
  expect(code).toBe(0)
  expect(report).toMatchObject({ tracks: [{ track: 'c' }], problems: [] })
})

it.concurrent('prints text for people, with the place of an error', async () => {
  const cwd = folder({
    'waymark/a.ts': MODULE,
    'waymark/b.yaml': 'format: waymark.track/1\nkey: t\nversion: 1.0.0\nsteps: [{ key: a, complete: { evnt: x } }]\n',
  })
  const { code, stdout } = await waymark(['tracks', 'lint'], { cwd })
  expect(code).toBe(3)
  expect(stdout).toMatch(/^error {4}waymark\/b\.yaml:4:\d+ {2}\/steps\/0\/complete/)
})

const yamlTrack = 'format: waymark.track/1\nkey: t\nversion: x\nsteps: [{ key: a, complete: { event: x } }]\n'
const mappingTo = (to: string) => `export const mappings = [{ from: 'x', to: '${to}' }]`

/** Each file with the problem that it has. */
const UNLOADABLE: Readonly<Record<string, readonly [text: string, problem: object]>> = {
  'syntax.yaml': ['format: waymark.track/1\nkey: [\n', { line: expect.any(Number), column: expect.any(Number) }],
  'track.yaml': [yamlTrack, { line: 3, column: 1, pointer: '/version' }],
  'track.json': ['{\n"format": "waymark.track/1",\n"key": "T"\n}', { line: 3, pointer: '/key' }],
  'twin-keys.json': [track().replace('{', '{"key":"other",'), { line: 1 }],
  'syntax.ts': ['export default {{', { message: expect.stringContaining('Cannot be loaded') }],
  'enum.ts': ['enum A { B }\nexport default A.B', { message: expect.stringContaining('without enums') }],
  'package.ts': [
    "import x from 'not-installed-here'\nexport default x",
    { message: expect.stringContaining('not-installed-here') },
  ],
  'throws.ts': ["throw new Error('no database')", { message: 'Cannot be loaded: no database' }],
  'nothing.ts': ['export const x = 1', { message: expect.stringContaining('export default defineModule') }],
  'default.ts': ['export default { kind: 1 }', { message: expect.stringContaining('an object of another kind') }],
  'no-list.ts': ['export const tracks = {}', { message: expect.stringContaining('export const tracks = [') }],
  'track.ts': ["export const tracks = [{ format: 'waymark.track/1', key: 't', version: '1' }]", { pointer: 'tracks[0]/version' }],
  'traits.ts': ['export const traits = []', { message: expect.stringContaining('Expected what defineTraits(…) returns') }],
  'mapping.ts': ["export const mappings = [{ from: 'x' }]", { pointer: 'mappings[0]' }],
}

it.concurrent('reports every file that cannot be loaded at once, each with its place and what is wrong', async () => {
  const texts = Object.entries(UNLOADABLE).map(([file, [text]]) => [`waymark/${file}`, text])
  const { code, report } = await lint(Object.fromEntries(texts))
  expect(code).toBe(3)
  for (const [file, [, problem]] of Object.entries(UNLOADABLE)) {
    expect(report.problems).toContainEqual(expect.objectContaining({ file: `waymark/${file}`, ...problem }))
  }
})

it.concurrent('names the file of a contract, of an operation, and of a mapping, that cannot be served', async () => {
  const illegal = await lint({ 'waymark/a.ts': MODULE.replace("'book.read'", "'Book Read!'"), 'waymark/b.json': track() })
  expect(illegal).toMatchObject({
    code: 3,
    report: { problems: [{ file: 'waymark/a.ts', message: expect.stringContaining('Book Read!') }] },
  })
  const bare = IMPLEMENTATION.replace(/export default implement.*/, 'export default library')
  const unhandled = await lint({ 'waymark/a.ts': bare })
  expect(unhandled).toMatchObject({
    code: 3,
    report: { problems: [{ message: expect.stringContaining('library.hello@1.0.0 has no handler') }] },
  })
  const unmapped = await lint({ 'waymark/a.ts': MODULE, 'waymark/m.ts': mappingTo('book.lost') })
  expect(unmapped).toMatchObject({
    code: 3,
    report: { problems: [{ file: 'waymark/m.ts', message: expect.stringContaining('book.lost') }] },
  })
})

it.concurrent('lists what a lint finds with its track, with the nearest name', async () => {
  const steps = [{ key: 'read', complete: { event: 'book.rea' } }]
  const { code, report } = await lint({ 'waymark/a.ts': MODULE, 'waymark/b.json': track({ steps }) })
  expect(code).toBe(3)
  expect(report.tracks[0].findings).toContainEqual(
    expect.objectContaining({
      severity: 'error',
      code: 'EVENT_UNKNOWN',
      message: expect.stringContaining('Did you mean book.read?'),
    }),
  )
})

const traitsOf = (learner: string) => `
import { defineTraits } from '@waymark/learning-journey'
import { z } from 'zod'
export const traits = defineTraits({ learner: z.object({ ${learner} }), account: z.object({}) })
`

it.concurrent('checks tracks against the traits of another file, and against the tracks of another', async () => {
  const { code, report } = await lint({
    'waymark/a.ts': MODULE,
    'waymark/b.json': track({ audience: { '/paln': 'pro' }, after: { all: ['welcmoe'] } }),
    'waymark/c.json': track({ key: 'welcome' }),
    'waymark/d.ts': traitsOf('plan: z.string()'),
    'waymark/e.ts': "export { traits } from './d.ts'",
  })
  expect(code).toBe(3)
  expect(report).toMatchObject({ problems: [] })
  expect(report.tracks[0].findings).toMatchObject([
    { code: 'TRACK_UNKNOWN', message: expect.stringContaining('Did you mean welcome?'), line: 1 },
    { code: 'TRAIT_UNKNOWN', message: expect.stringContaining('Did you mean /plan?'), line: 1 },
    { code: 'MAY_STAND' },
  ])
})

it.concurrent('refuses traits that are declared twice, with both files', async () => {
  const files = { 'waymark/a.ts': MODULE, 'waymark/d.ts': traitsOf(''), 'waymark/e.ts': traitsOf('') }
  const { code, report } = await lint(files)
  expect(code).toBe(3)
  expect(report.problems).toMatchObject([{ file: 'waymark/e.ts', message: expect.stringContaining('waymark/d.ts too') }])
})

it.concurrent('ends with 2 on a wrong setting', async () => {
  expect(await lint({}, [], { WAYMARK_MODULES: 'nope.ts' })).toMatchObject({ code: 2, report: undefined })
})
