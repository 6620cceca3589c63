// The documentation is checked like code. For every Markdown file of the repository: each `ts` block type-checks and, unless it is
// marked `no-run`, runs to its end with exit code 0; each `json` block parses; each relative link and anchor leads somewhere; each
// `npm run x` exists. A block is a module of its own; `ts file=a.ts` gives it a name that later blocks of the same page can import.
// Shell blocks are run by a test in e2e.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { headingSlug } from '../apps/server/src/docs/heading-slug.ts'

/** One thing that is wrong in one place; `line` counts from 1. */
export interface DocsProblem {
  readonly file: string
  readonly line: number
  readonly message: string
}

interface Block {
  readonly language: string
  readonly flags: readonly string[]
  readonly code: string
  /** Line of the first line of code, from 1. */
  readonly line: number
}

interface Page {
  readonly file: string
  readonly blocks: readonly Block[]
  /** The text with fenced blocks and inline code made blank, so that lines still count. */
  readonly prose: string
  readonly text: string
}

const runTimeout = 30_000

/** Checks every page of the repository at `root`. Writes the code blocks to `.cache/docs` and leaves them there to be looked at. */
export async function checkDocs(
  root: string,
): Promise<{ readonly pages: number; readonly blocks: number; readonly problems: DocsProblem[] }> {
  const pages = findPages(root).map((file) => parsePage(file, readFileSync(join(root, file), 'utf8')))
  const problems = pages.flatMap((page) => [...checkJson(page), ...checkLinks(root, page), ...checkScripts(root, page)])
  const sources = pages.flatMap((page) => toSources(page))
  const cache = join(root, '.cache', 'docs')
  writeSources(cache, sources)
  const typeProblems = checkTypes(root, cache, sources)
  // What does not type-check is not run: its failure would only repeat the reason.
  const runnable = sources.filter((source) => source.run && !typeProblems.some((problem) => problem.file === source.page))
  problems.push(...typeProblems, ...(await runSources(cache, runnable)))
  return { pages: pages.length, blocks: sources.length, problems }
}

function findPages(root: string): string[] {
  const skipped = new Set(['node_modules', 'dist', '.cache', '.git', '.waymark'])
  return globSync('**/*.md', { cwd: root, exclude: (name) => skipped.has(name) }).toSorted()
}

/** Splits a page into its fenced blocks and the rest. */
export function parsePage(file: string, text: string): Page {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { fence: string; info: string; line: number; indent: number; code: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line)
    if (open !== undefined) {
      if (fence?.[2]?.startsWith(open.fence) && fence[3] === '') {
        const [language = '', ...flags] = open.info.split(/\s+/)
        blocks.push({ language, flags, code: open.code.join('\n'), line: open.line })
        open = undefined
      } else open.code.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
      prose.push('')
    } else if (fence !== null) {
      const [, indent = '', marks = '', info = ''] = fence
      open = { fence: marks, info: info.trim(), line: index + 2, indent: indent.length, code: [] }
      prose.push('')
    } else prose.push(line.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, ''))
  }
  return { file, blocks, prose: prose.join('\n'), text }
}

function checkJson(page: Page): DocsProblem[] {
  return page.blocks.flatMap((block) => {
    if (block.language !== 'json') return []
    try {
      JSON.parse(block.code)
      return []
    } catch (error) {
      return [{ file: page.file, line: block.line, message: `this json block does not parse: ${(error as Error).message}` }]
    }
  })
}

function checkLinks(root: string, page: Page): DocsProblem[] {
  const problems: DocsProblem[] = []
  const links = [...page.prose.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|^[ \t]*\[[^\]]+\]:[ \t]+<?(\S+?)>?(?:\s|$)/gm)]
  for (const link of links) {
    const target = link[1] ?? link[2] ?? ''
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue
    const line = page.prose.slice(0, link.index).split('\n').length
    const [path = '', anchor] = target.split('#')
    const from = path.startsWith('/') ? root : dirname(join(root, page.file))
    const wanted = path === '' ? join(root, page.file) : resolve(from, `./${decodeURIComponent(path)}`)
    if (!existsSync(wanted)) problems.push({ file: page.file, line, message: `the link ${target} leads to no file` })
    else if (anchor !== undefined && wanted.endsWith('.md') && !toAnchors(readFileSync(wanted, 'utf8')).has(anchor))
      problems.push({ file: page.file, line, message: `the link ${target} names no heading of ${relative(root, wanted)}` })
    else if (relative(root, wanted).startsWith('..'))
      problems.push({ file: page.file, line, message: `the link ${target} leaves the repository` })
  }
  return problems
}

/** The anchors of a page, as the usual Markdown hosts make them from headings, and those set by hand. */
export function toAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const lines = text.split('\n')
  let fence = ''
  for (const line of lines) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
    if (fence === '' ? mark !== '' : mark.startsWith(fence)) fence = fence === '' ? mark : ''
    const heading = fence === '' ? /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] : undefined
    if (heading !== undefined) headingSlug(heading, anchors)
    for (const [, id] of line.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) if (id !== undefined) anchors.add(id)
  }
  return anchors
}

function checkScripts(root: string, page: Page): DocsProblem[] {
  const problems: DocsProblem[] = []
  for (const use of page.text.matchAll(/\bnpm (?:run(?:-script)?(?:\s+-[-\w]*)*\s+([a-z][\w:-]*)|(start|test)\b)([^\n`]*)/g)) {
    const name = use[1] ?? use[2] ?? ''
    const workspace = /\s(?:-w|--workspace)[=\s]+(\S+)/.exec(use[0])?.[1]
    if (scriptsOf(root, workspace).has(name)) continue
    const line = page.text.slice(0, use.index).split('\n').length
    const where = workspace === undefined ? 'the root package.json' : `the workspace ${workspace}`
    problems.push({ file: page.file, line, message: `${where} has no script named ${name}` })
  }
  return problems
}

function scriptsOf(root: string, workspace: string | undefined): ReadonlySet<string> {
  const file = workspace === undefined ? join(root, 'package.json') : workspaceManifest(root, workspace)
  if (file === undefined) return new Set()
  return new Set(Object.keys((JSON.parse(readFileSync(file, 'utf8')) as { scripts?: object }).scripts ?? {}))
}

function workspaceManifest(root: string, workspace: string): string | undefined {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }
  const manifests = workspaces
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    .map((file) => join(root, file))
  const isWanted = (file: string) =>
    dirname(file) === resolve(root, workspace) || (JSON.parse(readFileSync(file, 'utf8')) as { name: string }).name === workspace
  return manifests.find(isWanted)
}

interface Source {
  readonly page: string
  readonly block: Block
  /** Relative to the cache folder. */
  readonly path: string
  readonly run: boolean
}

function toSources(page: Page): Source[] {
  return page.blocks.flatMap((block, index) => {
    if (block.language !== 'ts') return []
    const name = block.flags.find((flag) => flag.startsWith('file='))?.slice('file='.length) ?? `block-${index + 1}.ts`
    return [{ page: page.file, block, path: join(page.file.replace(/\.md$/, ''), name), run: !block.flags.includes('no-run') }]
  })
}

function writeSources(cache: string, sources: readonly Source[]): void {
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { moduleDetection: 'force' },
    include: ['**/*.ts'],
    exclude: [],
  }
  writeFileSync(join(cache, 'tsconfig.json'), JSON.stringify(config))
  for (const { path, block } of sources) {
    mkdirSync(dirname(join(cache, path)), { recursive: true })
    // Blank lines above keep the line numbers of the page in every message of the compiler and of Node.
    writeFileSync(join(cache, path), `${'\n'.repeat(block.line - 1)}${block.code}\n`)
  }
}

function checkTypes(root: string, cache: string, sources: readonly Source[]): DocsProblem[] {
  if (sources.length === 0) return []
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', cache, '--pretty', 'false'], { cwd: cache, encoding: 'utf8' })
  if (result.status === 0) return []
  const found = [...result.stdout.matchAll(/^(.+?)\((\d+),\d+\): (error .*(?:\n {2}.*)*)$/gm)]
  if (found.length === 0) return [{ file: '.cache/docs', line: 1, message: `tsc failed: ${result.stdout}${result.stderr}` }]
  return found.map(([, path = '', line, message = '']) => {
    const source = sources.find((candidate) => resolve(cache, candidate.path) === resolve(cache, path))
    return { file: source?.page ?? path, line: Number(line), message }
  })
}

async function runSources(cache: string, sources: readonly Source[]): Promise<DocsProblem[]> {
  const problems: DocsProblem[] = []
  const queue = [...sources]
  const work = async () => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      const failure = await runSource(cache, source)
      if (failure !== undefined) problems.push({ file: source.page, line: source.block.line, message: failure })
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return problems
}

/** What went wrong, or undefined when the block ran to its end. */
function runSource(cache: string, source: Source): Promise<string | undefined> {
  const file = join(cache, source.path)
  const options = { cwd: dirname(file), timeout: runTimeout, env: { ...process.env, NO_COLOR: '1' } }
  return new Promise((done) => {
    const child = execFile(process.execPath, ['--conditions=@waymark/source', file], options, (error, _, stderr) => {
      if (error === null) done(undefined)
      else if (error.killed) done(`this block did not end within ${runTimeout / 1000} s. End what it starts, or mark it no-run.`)
      else done(`this block failed:\n${stderr.trim()}`)
    })
    child.stdin?.end()
  })
}

if (import.meta.main) {
  const { pages, blocks, problems } = await checkDocs(resolve(import.meta.dirname, '..'))
  for (const { file, line, message } of problems) console.error(`${file}:${line}: ${message}`)
  console.log(
    problems.length === 0 ? `${pages} pages and ${blocks} code blocks hold.` : `${problems.length} problems in ${pages} pages.`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}
