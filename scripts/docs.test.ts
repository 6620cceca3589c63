import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkDocs, parsePage, toAnchors } from './docs.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'waymark-docs-'))
  write('package.json', JSON.stringify({ type: 'module', workspaces: ['packages/*'], scripts: { start: '', 'test:full': '' } }))
  write('packages/a/package.json', JSON.stringify({ name: 'a', scripts: { own: '' } }))
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: { module: 'nodenext', noEmit: true, strict: true, types: ['node'], rewriteRelativeImportExtensions: true },
    }),
  )
  symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
async function problemsOf(text: string) {
  write('docs/page.md', text)
  return (await checkDocs(root)).problems
}

test('accepts a page whose code, links and commands hold', async () => {
  write('README.md', '# Read me\n\n## One step\n\n## One step\n')
  const page = [
    '# Page',
    '[up](../README.md#one-step-1) [here](#page) [folder](../packages) [out](https://example.com/a#b) `[not](a-link.md)`',
    '`npm start`, `npm run test:full`, `npm run own -w a`',
    '```ts file=a.ts\nexport const a: number = 1\n```',
    '```ts\nimport { a } from "./a.ts"\nif (a !== 1) throw new Error()\n```',
    '```ts no-run\nthrow new Error("not run")\n```',
    '```json\n{ "a": 1 }\n```',
    '- a list\n  ```ts\n  const indented = 1\n  ```',
  ]
  expect(await problemsOf(page.join('\n\n'))).toEqual([])
})

test.each([
  ['a type error', '```ts\nconst a: number = "x"\n```', 2, 'error TS2322'],
  ['a block that throws', '\n```ts\nthrow new Error("boom")\n```', 3, 'boom'],
  ['a json block that does not parse', '```json\n{ a: 1 }\n```', 2, 'does not parse'],
  ['a link to no file', 'see [it](./gone.md)', 1, 'leads to no file'],
  ['a link definition to no file', 'see [it]\n\n[it]: ./gone.md', 3, 'leads to no file'],
  ['an anchor without a heading', '# A\n\n[it](#b)', 3, 'names no heading'],
  ['a link that leaves the repository', '[it](../..)', 1, 'leaves the repository'],
  ['an unknown script', 'run `npm run nothing`', 1, 'no script named nothing'],
  ['an unknown script in a block', '```sh\nnpm run -s nothing\n```', 2, 'no script named nothing'],
  ['a script of the root asked of a workspace', '`npm run start -w a`', 1, 'the workspace a has no script'],
])('refuses %s', async (_, text, line, message) => {
  const problems = await problemsOf(text)
  expect(problems).toMatchObject([{ file: 'docs/page.md', line, message: expect.stringContaining(message) }])
})

test('ends a block only at its own fence', () => {
  const page = parsePage('a.md', '````md\n```ts\n1\n```\n````\nafter')
  expect(page.blocks).toMatchObject([{ language: 'md', code: '```ts\n1\n```', line: 2 }])
  expect(page.prose).toBe('\n\n\n\n\nafter')
})

test('makes anchors as the usual hosts do', () => {
  const text = '# What it *is*, `now`\n## See [this](a.md)\n<a id="hand"></a>\n```sh\n# not a heading\n```\n## Ein Übergang'
  expect([...toAnchors(text)]).toEqual(['what-it-is-now', 'see-this', 'hand', 'ein-übergang'])
})
