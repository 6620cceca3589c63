import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkImports } from './imports.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'waymark-imports-'))
  json('package.json', { name: 'repo', workspaces: ['packages/*', 'examples/*'], devDependencies: { vitest: '5.1.1' } })
  json('packages/contract/package.json', {
    name: '@waymark/contract',
    exports: { '.': { '@waymark/source': './src/index.ts' } },
    dependencies: { '@standard-schema/spec': '1.1.0' },
  })
  json('packages/journey/package.json', {
    name: '@waymark/learning-journey',
    exports: { './engine': { '@waymark/source': './src/engine/index.ts' } },
    dependencies: { '@waymark/contract': '0.1.0', zod: '4.6.7', yaml: '2.9.1', 'temporal-polyfill': '1.0.8' },
  })
  json('packages/store/package.json', {
    name: '@waymark/store',
    dependencies: { '@waymark/contract': '0.1.0', '@waymark/learning-journey': '0.1.0', zod: '4.6.7' },
  })
  json('packages/surface/package.json', {
    name: '@waymark/surface',
    dependencies: { '@waymark/contract': '0.1.0' },
    peerDependencies: { '@modelcontextprotocol/server': '2.4.0', graphql: '17.1.0' },
  })
  json('examples/crm/package.json', { name: '@waymark-examples/crm', dependencies: { zod: '4.6.7' } })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
function json(path: string, value: unknown) {
  write(path, JSON.stringify(value))
}
function problemsOf(path: string, text: string) {
  write(path, text)
  return checkImports(root).problems
}

const allowed = [
  ['packages/contract/src/a.ts', `import type { StandardSchemaV1 } from '@standard-schema/spec'`],
  ['packages/contract/src/index.ts', `export { a } from './a.ts'`],
  ['packages/contract/src/a.test.ts', `import { test } from 'vitest'\nimport { join } from 'node:path'`],
  ['packages/contract/test-support/a.ts', `import { createHash } from 'node:crypto'\nimport { a } from '../src/a.ts'`],
  ['packages/contract/src/b.test.ts', `import { a } from '../test-support/a.ts'`],
  ['packages/journey/src/track/loader.ts', `import { parse } from 'yaml'`],
  ['packages/journey/src/time/zone-calendar.ts', `import { Temporal } from 'temporal-polyfill'`],
  ['packages/journey/src/contracts/a.ts', `import { z } from 'zod'\nimport { defineCommand } from '@waymark/contract'`],
  ['packages/journey/src/engine/a.ts', `import { b } from './b.ts'\nimport { c } from '../engine/c.ts'\nexport const a = b + c`],
  ['packages/journey/src/engine/a.test.ts', `import { a } from '../contracts/a.ts'`],
  [
    'packages/store/src/a.ts',
    `import { readFileSync } from 'node:fs'\nimport type { Store } from '@waymark/learning-journey/ports'`,
  ],
  ['packages/surface/src/rest/node.ts', `import { createServer } from 'node:http'`],
  ['packages/surface/src/graphql/a.ts', `import { parse } from 'graphql'`],
  ['packages/surface/src/mcp/a.ts', `import { Server } from '@modelcontextprotocol/server'`],
  ['packages/surface/src/client/a.ts', `import type { Page } from '@waymark/contract'`],
  ['examples/crm/src/a.ts', `import { z } from 'zod'\nimport { readFileSync } from 'node:fs'\nconst a = await import(z.name)`],
  ['packages/store/dist/a.js', `import x from 'undeclared'`],
] as const

test.each(allowed)('%s may contain %j', (path, text) => {
  expect(problemsOf(path, text)).toEqual([])
})

const refused = [
  ['the peer of one surface in another', 'surface/src/rest/a.ts', `import { parse } from 'graphql'`, 'only in src/graphql'],
  ['a value of a package that is for types', 'contract/src/a.ts', `import { x } from '@standard-schema/spec'`, 'import type'],
  [
    'types marked one by one, which stay as an import',
    'contract/src/a.ts',
    `import { type X } from '@standard-schema/spec'`,
    'import type',
  ],
  ['a Node module in the contract', 'contract/src/a.ts', `import { join } from 'node:path'`, 'no node:* module'],
  ['a Node module without its prefix', 'contract/src/a.ts', `import { join } from 'path'`, 'no node:* module'],
  ['an undeclared package', 'contract/src/a.ts', `import { z } from 'zod'`, 'does not declare zod'],
  ['an undeclared package in a dynamic import', 'contract/src/a.ts', `const z = await import('zod')`, 'does not declare zod'],
  ['an undeclared package in a type', 'contract/src/a.ts', `type Z = import('zod').ZodType`, 'does not declare zod'],
  ['an undeclared package in a re-export', 'contract/src/index.ts', `export type { Z } from 'zod'`, 'does not declare zod'],
  ['an undeclared package in a test', 'contract/src/a.test.ts', `import { z } from 'zod'`, 'devDependencies of the root'],
  ['a computed path', 'contract/src/a.ts', `const name = 'zod'\nawait import(name)`, 'Write it as a literal'],
  ['the package itself', 'contract/src/a.ts', `import { a } from '@waymark/contract'`, 'relative path'],
  ['test code outside tests', 'contract/src/a.ts', `import { a } from '../test-support/a.ts'`, 'test code'],
  ['a file of another package', 'contract/src/a.ts', `import { s } from '../../store/src/s.ts'`, 'leaves the package'],
  ['yaml outside the loader', 'journey/src/track/track.ts', `import { parse } from 'yaml'`, 'only in src/track/loader.ts'],
  ['MCP outside its folder', 'surface/src/rest/a.ts', `import { Server } from '@modelcontextprotocol/server'`, 'only in src/mcp'],
  ['the zones outside their file', 'journey/src/time/a.ts', `import { Temporal } from 'temporal-polyfill'`, 'only in src/time/'],
  [
    'a file outside the engine in the engine',
    'journey/src/engine/a.ts',
    `import { b } from '../ports/b.ts'`,
    'src/engine imports nothing',
  ],
  ['a package in the engine', 'journey/src/engine/a.ts', `import { z } from 'zod'`, 'src/engine imports nothing'],
  ['an entry other than the allowed one', 'store/src/a.ts', `import type { A } from '@waymark/learning-journey'`, '/ports only'],
  ['values of an entry for types', 'store/src/a.ts', `import { a } from '@waymark/learning-journey/ports'`, 'import type'],
  ['a declared package that the table refuses', 'store/src/a.ts', `import { z } from 'zod'`, 'and nothing else'],
  [
    'a Node module outside node.ts',
    'surface/src/rest/index.ts',
    `import { createServer } from 'node:http'`,
    'files named node.ts',
  ],
  [
    'values of the contract in the client',
    'surface/src/client/a.ts',
    `import { a } from '@waymark/contract'`,
    'src/client may import types',
  ],
  ['a barrel', 'contract/src/errors.ts', `import { a } from './a.ts'\nexport { a }\nexport * from './b.ts'`, 'barrel'],
  ['an index file without an entry', 'journey/src/track/index.ts', `export const a = 1`, '"exports" does not name'],
  ['a file that does not parse', 'contract/src/a.ts', `import {`, 'does not parse'],
] as const

test.each(refused)('refuses %s', (_, path, text, message) => {
  const problems = problemsOf(`packages/${path}`, text)
  expect(problems.map((problem) => problem.message).join('\n')).toContain(message)
  expect(problems[0]?.file).toBe(`packages/${path}`)
})

test('names the line and the import', () => {
  const problems = problemsOf('packages/contract/src/a.ts', `// é 😀\nexport const a = 1\nimport { join } from 'node:path'\n`)
  expect(problems).toMatchObject([{ file: 'packages/contract/src/a.ts', line: 3, specifier: 'node:path' }])
})

test('refuses a package that the table does not know', () => {
  json('packages/parcel/package.json', { name: '@waymark/parcel' })
  expect(problemsOf('packages/parcel/src/a.ts', `import './b.ts'`)).toMatchObject([
    { message: expect.stringContaining('has no row in the table') },
  ])
})
