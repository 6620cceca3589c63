// Who may import whom. Every import of every source file in a workspace is (a) relative and inside its own package, or a dependency
// that its own package.json declares, and (b) allowed by the table below: hoisting hides both mistakes until somebody installs one
// package alone. The root folders e2e, bench and scripts may import anything.
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'vite'

interface AllowedPackage {
  readonly name: string
  /** Only `import type`: nothing of it remains when the code runs. */
  readonly typesOnly?: boolean
  /** Only this entry of the package, for example `ports`. */
  readonly entry?: string
  /** Only from this file or folder, relative to the importing package. */
  readonly onlyIn?: string
  /** Only `import type` in this folder of the importing package. */
  readonly typesOnlyIn?: string
}

interface HouseRule {
  /** `declared`: whatever the package.json declares. */
  readonly packages: 'declared' | readonly AllowedPackage[]
  readonly node: 'never' | 'anywhere' | { readonly onlyInFilesNamed: string }
  /** Folders that import nothing from outside themselves. */
  readonly closedFolders?: readonly string[]
}

export const houseRules: Readonly<Record<string, HouseRule>> = {
  '@waymark/contract': { packages: [{ name: '@standard-schema/spec', typesOnly: true }], node: 'never' },
  '@waymark/learning-journey': {
    packages: [
      { name: '@waymark/contract' },
      { name: 'zod' },
      { name: 'yaml', onlyIn: 'src/track/loader.ts' },
      { name: 'temporal-polyfill', onlyIn: 'src/time/zone-calendar.ts' },
    ],
    node: 'never',
    closedFolders: ['src/engine'],
  },
  '@waymark/store': {
    packages: [
      { name: '@waymark/contract' },
      { name: '@waymark/learning-journey', entry: 'ports', typesOnly: true },
      { name: 'pg' },
      // The conformance suite is for people who test an adapter, and who have vitest. A peer dependency would say so to npm,
      // but npm 10 and 11 then write different lock files.
      { name: 'vitest' },
    ],
    node: 'anywhere',
  },
  '@waymark/bus': {
    // vitest is there for the conformance suite, as it is for that of the store.
    packages: [{ name: '@waymark/contract', typesOnly: true }, { name: 'vitest' }],
    node: 'anywhere',
  },
  '@waymark/surface': {
    packages: [
      // A browser's bundle has the client and the contracts that are passed to it, and nothing else.
      { name: '@waymark/contract', typesOnlyIn: 'src/client' },
      // The library of a protocol is an optional peer: for those who serve it.
      { name: 'graphql', onlyIn: 'src/graphql' },
      { name: '@modelcontextprotocol/server', onlyIn: 'src/mcp' },
    ],
    node: { onlyInFilesNamed: 'node.ts' },
  },
  waymark: { packages: 'declared', node: 'anywhere' },
}

/** The row of every private workspace under examples/: an example is a user's application. */
const exampleRule: HouseRule = { packages: 'declared', node: 'anywhere' }

/** One broken rule; `line` counts from 1. */
export interface ImportProblem {
  readonly file: string
  readonly line: number
  readonly specifier: string
  readonly message: string
}

/** Checks every workspace of the repository at `root` against the house rules. */
export function checkImports(root: string): { readonly files: number; readonly problems: readonly ImportProblem[] } {
  const manifest = readManifest(join(root, 'package.json'))
  const folders = (manifest.workspaces ?? [])
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    .map(dirname)
  const problems: ImportProblem[] = []
  let files = 0
  for (const folder of folders.toSorted()) {
    const workspace = toWorkspace(root, folder, Object.keys(manifest.devDependencies ?? {}))
    for (const file of sourceFiles(workspace.folder)) {
      files += 1
      problems.push(...checkFile(workspace, file))
    }
  }
  return { files, problems }
}

interface Manifest {
  readonly name: string
  readonly workspaces?: readonly string[]
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

interface Workspace {
  readonly root: string
  readonly folder: string
  readonly name: string
  readonly rule: HouseRule | undefined
  readonly declared: ReadonlySet<string>
  readonly testOnly: ReadonlySet<string>
  /** The source files that `exports` names. */
  readonly entries: ReadonlySet<string>
}

interface FoundImport {
  /** Undefined when the path of a dynamic import is computed. */
  readonly specifier: string | undefined
  readonly typesOnly: boolean
  readonly start: number
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

function toWorkspace(root: string, folder: string, rootDevDependencies: readonly string[]): Workspace {
  const manifest = readManifest(join(root, folder, 'package.json'))
  const entries = Object.values(manifest.exports ?? {}).flatMap((entry) => {
    const source = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)['@waymark/source'] : undefined
    return typeof source === 'string' ? [join(source)] : []
  })
  return {
    root,
    folder: join(root, folder),
    name: manifest.name,
    rule: houseRules[manifest.name] ?? (folder.startsWith('examples') ? exampleRule : undefined),
    declared: new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies })),
    testOnly: new Set([...Object.keys(manifest.devDependencies ?? {}), ...rootDevDependencies]),
    entries: new Set(entries),
  }
}

function sourceFiles(folder: string): string[] {
  const isFolderSkipped = (name: string) => name === 'node_modules' || name === 'dist'
  return globSync('**/*.{ts,tsx,mts,js,jsx,mjs}', { cwd: folder, exclude: isFolderSkipped }).toSorted()
}

function checkFile(workspace: Workspace, file: string): ImportProblem[] {
  const path = join(workspace.folder, file)
  const text = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, text)
  const problem = (start: number, specifier: string, message: string): ImportProblem => ({
    file: relative(workspace.root, path),
    line: text.slice(0, start).split('\n').length,
    specifier,
    message,
  })
  if (errors.length > 0) return [problem(0, '', `does not parse: ${errors[0]?.message}`)]

  const problems = findImports(program, text).flatMap((found) => {
    const message = judge(workspace, file, found)
    return message === undefined ? [] : [problem(found.start, found.specifier ?? 'a computed path', message)]
  })
  if (isBarrel(program) && !workspace.entries.has(file))
    problems.push(problem(0, '', 'only re-exports: a barrel. Import from the files themselves, or name this file in "exports".'))
  else if (/(^|\/)index\.[a-z]+$/.test(file) && !isTest(file) && !workspace.entries.has(file))
    problems.push(problem(0, '', 'is an index file that "exports" does not name. Name the file after the one thing it exports.'))
  return problems
}

/** The reason why this import is not allowed, with what to do; undefined when it is. */
function judge(workspace: Workspace, file: string, found: FoundImport): string | undefined {
  const { rule, name } = workspace
  if (rule === undefined) return `${name} has no row in the table of scripts/imports.ts. Add one that says what it may import.`
  const { specifier } = found
  if (specifier === undefined) {
    return rule.packages === 'declared' || isTest(file)
      ? undefined
      : 'the path of a dynamic import is computed, so nobody can check it. Write it as a literal.'
  }
  if (specifier.startsWith('.')) return judgeRelative(workspace, file, specifier)

  const closed = isTest(file) ? undefined : rule.closedFolders?.find((folder) => file.startsWith(`${folder}/`))
  if (closed !== undefined) return `${closed} imports nothing from outside itself. Take what is needed as an argument.`
  if (isBuiltin(specifier)) return isTest(file) ? undefined : judgeBuiltin(name, rule, file)

  const dependency = toPackageName(specifier)
  if (dependency === name) return `a package does not import itself by name. Use a relative path.`
  if (isTest(file)) {
    if (workspace.declared.has(dependency) || workspace.testOnly.has(dependency)) return undefined
    return `neither ${name} nor the root declares ${dependency}. Add it to the devDependencies of the root package.json.`
  }
  if (!workspace.declared.has(dependency))
    return `the package.json of ${name} does not declare ${dependency}. Add it to its dependencies, or do without it.`
  return rule.packages === 'declared'
    ? undefined
    : judgePackage(name, rule.packages, file, { specifier, dependency, typesOnly: found.typesOnly })
}

function judgeRelative(workspace: Workspace, file: string, specifier: string): string | undefined {
  const target = relative(workspace.folder, resolve(workspace.folder, dirname(file), specifier))
  if (target.startsWith('..')) return `leaves the package ${workspace.name}. Import the other package by name, or move the file.`
  if (isTest(target) && !isTest(file)) return 'is test code, which is not packed. Move what is needed into src.'
  const closed = isTest(file) ? undefined : workspace.rule?.closedFolders?.find((folder) => file.startsWith(`${folder}/`))
  if (closed !== undefined && !target.startsWith(`${closed}/`))
    return `${closed} imports nothing from outside itself. Move what is needed into it, or take it as an argument.`
  return undefined
}

function judgeBuiltin(name: string, rule: HouseRule, file: string): string | undefined {
  if (rule.node === 'anywhere') return undefined
  if (rule.node === 'never') return `${name} runs anywhere and imports no node:* module. Take the capability as an argument.`
  const wanted = rule.node.onlyInFilesNamed
  if (file === wanted || file.endsWith(`/${wanted}`)) return undefined
  return `${name} imports node:* only in files named ${wanted}. Move this part there.`
}

function judgePackage(
  name: string,
  allowed: readonly AllowedPackage[],
  file: string,
  found: { readonly specifier: string; readonly dependency: string; readonly typesOnly: boolean },
): string | undefined {
  const row = allowed.find((candidate) => candidate.name === found.dependency)
  const list = allowed.map((candidate) => candidate.name).join(', ')
  if (row === undefined)
    return `${name} may import ${list} and nothing else. Turn the dependency round, or take it as an argument.`
  if (row.onlyIn !== undefined && file !== row.onlyIn && !file.startsWith(`${row.onlyIn}/`))
    return `${name} imports ${row.name} only in ${row.onlyIn}. Use what it exports.`
  if (row.entry !== undefined && found.specifier !== `${row.name}/${row.entry}`)
    return `${name} may import ${row.name}/${row.entry} only. What is needed belongs there, or is an argument.`
  const isTypesOnly = row.typesOnly || (row.typesOnlyIn !== undefined && file.startsWith(`${row.typesOnlyIn}/`))
  if (isTypesOnly && !found.typesOnly)
    return `${row.typesOnly ? name : row.typesOnlyIn} may import types of ${row.name} only. Write \`import type\`, with no values.`
  return undefined
}

/** Tests, and what they share in the folder `test-support` beside `src`: never built, never packed. */
function isTest(file: string): boolean {
  return /\.(test|test-d)\.tsx?$|^test-support\//.test(file)
}

function toPackageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

/** Static imports and re-exports, `import()` and the type `import('x').Y`. */
function findImports(program: { readonly body: readonly unknown[] }, text: string): FoundImport[] {
  const found: FoundImport[] = []
  const add = (node: SyntaxNode, source: unknown, typesOnly: boolean) => {
    found.push({ specifier: toLiteral(source), typesOnly, start: node.start })
  }
  for (const node of program.body as readonly SyntaxNode[]) {
    if (node.type === 'ImportDeclaration') add(node, node.source, node.importKind === 'type')
    else if (node.type === 'ExportAllDeclaration') add(node, node.source, node.exportKind === 'type')
    else if (node.type === 'ExportNamedDeclaration' && node.source) add(node, node.source, node.exportKind === 'type')
  }
  // Only these two can be anywhere in the tree: most files need no second look.
  if (/\bimport\s*\(/.test(text)) {
    walk(program, (node) => {
      if (node.type === 'ImportExpression') add(node, node.source, false)
      else if (node.type === 'TSImportType') add(node, node.source ?? node.argument, true)
    })
  }
  return found
}

function toLiteral(source: unknown): string | undefined {
  const node = source as SyntaxNode
  if (node.type === 'TSLiteralType') return toLiteral(node.literal)
  if (node.type === 'TemplateLiteral' && (node.expressions as unknown[]).length === 0) {
    return (node.quasis as readonly { readonly value: { readonly cooked: string } }[])[0]?.value.cooked
  }
  return typeof node.value === 'string' ? node.value : undefined
}

function walk(value: unknown, visit: (node: SyntaxNode) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit)
    return
  }
  if (typeof (value as SyntaxNode).type === 'string') visit(value as SyntaxNode)
  for (const child of Object.values(value)) walk(child, visit)
}

function isBarrel(program: { readonly body: readonly unknown[] }): boolean {
  const body = program.body as readonly SyntaxNode[]
  const isReExport = (node: SyntaxNode) =>
    node.type === 'ExportAllDeclaration' ||
    (node.type === 'ExportNamedDeclaration' && (node.source !== null || node.declaration === null))
  return body.some(isReExport) && body.every((node) => isReExport(node) || node.type === 'ImportDeclaration')
}

if (import.meta.main) {
  const { files, problems } = checkImports(resolve(import.meta.dirname, '..'))
  for (const { file, line, specifier, message } of problems) {
    console.error(`${file}:${line}: ${specifier === '' ? 'the file' : `'${specifier}'`}: ${message}`)
  }
  console.log(
    problems.length === 0 ? `Imports of ${files} files follow the house rules.` : `${problems.length} broken import rules.`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}
