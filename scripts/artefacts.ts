// Keeps what is made of our own contracts beside them, so that a change of a contract shows what it does to those who call it. Compares;
// with --write makes it anew.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { composeRegistry } from '@waymark/contract'
import { ARTEFACTS } from '../apps/server/src/artefacts.ts'
import { OWN_MODULES } from '../apps/server/src/modules/own-modules.ts'

const folder = 'docs/reference/generated'
const root = resolve(import.meta.dirname, '..')
const registry = composeRegistry(...OWN_MODULES)
const isWritten = process.argv.includes('--write')
const stale: string[] = []

mkdirSync(join(root, folder), { recursive: true })
for (const { file, make } of ARTEFACTS) {
  const path = join(root, folder, file)
  const text = await make(registry)
  if (text === read(path)) continue
  stale.push(`${folder}/${file}`)
  if (isWritten) writeFileSync(path, text)
}

if (stale.length === 0) console.log(`${ARTEFACTS.length} artefacts are what the contracts say.`)
else if (isWritten) console.log(`Wrote ${stale.join(', ')}.`)
else {
  console.error(`${stale.join(', ')}: not what the contracts say. Look at what changes: npm run artefacts -- --write`)
  process.exitCode = 1
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
