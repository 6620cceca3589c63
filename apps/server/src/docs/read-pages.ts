import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** The Markdown below a folder, by its path there with `/` between its parts, in order. */
export async function readPages(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = globSync('**/*.md', { cwd: folder, exclude: (name) => name === 'node_modules' }).sort()
  return new Map(
    await Promise.all(
      files.map(async (file) => [file.split(sep).join('/'), await readFile(join(folder, file), 'utf8')] as const),
    ),
  )
}
