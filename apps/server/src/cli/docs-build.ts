import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { checkExamples } from '@waymark/contract'
import { prepare } from '../compose.ts'
import { loadOwnDocs } from '../docs/own-docs.ts'
import { readPages } from '../docs/read-pages.ts'
import { referenceSite } from '../docs/reference-site.ts'
import { type Articles, toArticles } from '../docs/to-articles.ts'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'
import { print, printJson } from './print.ts'

interface BuildOptions {
  readonly out: string
  readonly title?: string
  readonly pages?: string
  readonly json?: boolean
}

/** `waymark docs build`: the reference of what a server here would serve, with pages that somebody wrote, as files. */
export async function docsBuild({ out, title, pages, json = false }: BuildOptions): Promise<void> {
  const cwd = process.cwd()
  const parsed = parseSettings(['modules'], process.env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { registry, tracks, implementations, files } = await prepare(parsed.settings.modules, undefined)
  const refused = await checkExamples(registry)
  if (refused.length > 0) throw new CliError('validation', refused.join('\n'), { error: { problems: refused } })
  const { articles, problems } = await articlesIn(pages)
  if (problems.length > 0)
    throw new CliError('validation', problems.map((problem) => join(pages ?? '', problem)).join('\n'), { error: { problems } })
  const own = await loadOwnDocs()
  const site = await referenceSite({
    registry,
    tracks,
    implementations,
    files,
    cwd,
    own,
    articles,
    ...(title === undefined ? {} : { title }),
  })
  const folder = resolve(out)
  for (const [path, content] of site) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  if (json) printJson({ folder, files: site.size })
  else print(`${site.size} files are in ${out}. Start with ${join(out, 'index.html')}.`)
}

async function articlesIn(folder: string | undefined): Promise<Articles> {
  if (folder === undefined) return { articles: [], problems: [] }
  if (!existsSync(folder))
    throw new CliError(
      'usage',
      `There is no folder ${folder}. Name the one that has tutorial, guides, reference or explanation in it.`,
    )
  const others = globSync('**/*', { cwd: folder, exclude: (name) => name === 'node_modules' })
  return toArticles(await readPages(folder), new Set(others.map((file) => file.split(sep).join('/'))))
}
