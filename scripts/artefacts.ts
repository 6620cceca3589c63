// Keeps what is made of our own contracts beside them, so that a change of a contract shows what it does to those who call it. Compares;
// with --write makes it anew.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { composeRegistry } from '@waymark/contract'
import { ARTEFACTS } from '../apps/server/src/artefacts.ts'
import { OWN_MODULES } from '../apps/server/src/modules/own-modules.ts'
import { ownLicense } from '../apps/server/src/version.ts'

/** The artefacts in a folder that are not what our contracts say; those are made anew when `write` says so. */
export async function checkArtefacts(folder: string, { write }: { readonly write: boolean }): Promise<readonly string[]> {
  const registry = composeRegistry(...OWN_MODULES)
  const stale: string[] = []
  for (const { file, make } of ARTEFACTS) {
    const path = join(folder, file)
    const text = await make(registry, ownLicense)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    stale.push(file)
    if (!write) continue
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, text)
  }
  return stale
}

if (import.meta.main) {
  const folder = 'docs/reference/generated'
  const write = process.argv.includes('--write')
  const stale = await checkArtefacts(resolve(import.meta.dirname, '..', folder), { write })
  const names = stale.map((file) => `${folder}/${file}`).join(', ')
  if (stale.length === 0) console.log(`${ARTEFACTS.length} artefacts are what the contracts say.`)
  else if (write) console.log(`Wrote ${names}.`)
  else {
    console.error(`Not what the contracts say: ${names}. Make them anew and look at the difference: npm run artefacts -- --write`)
    process.exitCode = 1
  }
}
