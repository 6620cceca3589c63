import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { CliError } from './cli-error.ts'
import { FIRST_EVENTS, FIRST_TRACK } from './init-files.ts'
import { print, printJson } from './print.ts'

/** `waymark init`: writes a first events file and a first track; never overwrites. */
export function init(folder = '.', { json = false }: { readonly json?: boolean } = {}): void {
  const root = resolve(folder)
  const files = [
    { path: join(root, 'waymark', 'events.ts'), text: FIRST_EVENTS },
    { path: join(root, 'waymark', 'first-track.yaml'), text: FIRST_TRACK },
  ]
  const taken = files.filter(({ path }) => existsSync(path))
  if (taken.length > 0) {
    const names = taken.map(({ path }) => relative(process.cwd(), path)).join(' and ')
    throw new CliError(
      'conflict',
      `${names} is there already, so nothing was written. Move it away, or choose another folder: waymark init <folder>.`,
    )
  }
  mkdirSync(join(root, 'waymark'), { recursive: true })
  for (const { path, text } of files) writeFileSync(path, text, { flag: 'wx' })
  const written = files.map(({ path }) => relative(process.cwd(), path))
  if (json) {
    printJson({ written })
    return
  }
  const steps = [
    ...(root === process.cwd() ? [] : [`cd ${relative(process.cwd(), root)}`]),
    ...(isIgnored(root) ? [] : ["echo '.waymark/' >> .gitignore   # the local database and key are not for the repository"]),
    'npm install @waymark/contract @waymark/learning-journey zod   # types for your editor',
    'npx waymark tracks lint',
    'npx waymark serve',
  ]
  print(...written.map((path) => `Wrote ${path}`), '', 'Next:', ...steps.map((step) => `  ${step}`))
}

function isIgnored(root: string): boolean {
  try {
    return /^\/?\.waymark\/?\s*$/m.test(readFileSync(join(root, '.gitignore'), 'utf8'))
  } catch {
    return false
  }
}
