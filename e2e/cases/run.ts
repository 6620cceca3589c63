/**
 * Runs acceptance vectors on every store: `npm run cases` those of this repository, `npm run cases -- <folder or file> …` any others.
 * Prints a line for each vector and store that fails, then `N passed, N failed`.
 */
import { glob, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { runVector } from './run-vector.ts'
import { openStores } from './stores.ts'
import type { Vector } from './vector.ts'

const targets = process.argv.slice(2)
const folders = targets.length > 0 ? targets : [join(import.meta.dirname, 'vectors')]
let passed = 0
let failed = 0
const { stores, end } = openStores()

for (const file of await filesOf(folders)) {
  const name = relative(process.cwd(), file)
  let vector: Vector
  try {
    vector = JSON.parse(await readFile(file, 'utf8'))
    if (!Array.isArray(vector.entries)) throw new Error('it has no "entries"')
  } catch (error) {
    failed++
    console.log(`FAIL ${name}: not a vector: ${error instanceof Error ? error.message : error}`)
    continue
  }
  for (const store of stores) {
    const failures = await runVector(vector, store).catch((error: unknown) => [
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ])
    if (failures.length === 0) {
      passed++
      console.log(`ok   ${vector.id ?? name} on ${store.name}: ${vector.title ?? ''}`)
      continue
    }
    failed++
    console.log(`FAIL ${vector.id ?? name} on ${store.name}: ${vector.title ?? ''} (${name})`)
    for (const failure of failures.slice(0, 20)) console.log(`     ${failure}`)
    if (failures.length > 20) console.log(`     … and ${failures.length - 20} more`)
  }
}

await end()
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0 || passed === 0) process.exitCode = 1

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const full = resolve(path)
    const info = await stat(full).catch(() => undefined)
    if (info === undefined) {
      console.error(`There is no file or folder ${path}. Name a folder with vectors (*.json), or one of them.`)
      process.exit(2)
    }
    if (info.isFile()) files.push(full)
    else for await (const name of glob('**/*.json', { cwd: full })) files.push(join(full, name))
  }
  return files.sort()
}
