import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { prepare } from '../compose.ts'
import { referenceSite } from '../docs/reference-site.ts'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { print, printJson } from './print.ts'

interface BuildOptions {
  readonly out: string
  readonly title?: string
  readonly json?: boolean
}

/** `waymark docs build`: the reference of what a server here would serve, as files. */
export async function docsBuild({ out, title, json = false }: BuildOptions): Promise<void> {
  const cwd = process.cwd()
  const parsed = parseSettings(['modules'], process.env, cwd)
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { registry, tracks, implementations, files } = await prepare(parsed.settings.modules, undefined)
  const site = await referenceSite({ registry, tracks, implementations, files, cwd, ...(title === undefined ? {} : { title }) })
  const folder = resolve(out)
  for (const [path, content] of site) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  if (json) printJson({ folder, files: site.size })
  else print(`${site.size} files are in ${out}. Start with ${join(out, 'index.html')}.`)
}
