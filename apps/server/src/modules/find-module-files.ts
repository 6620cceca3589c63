import { globSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The patterns of a comma-separated list; commas in braces belong to their pattern. */
export function splitPatterns(text: string): string[] {
  return text
    .split(/,(?![^{]*\})/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
}

/** The files that a path or glob names, absolute and in order. A glob leaves out type declarations and tests. */
export function findModuleFiles(pattern: string, cwd: string): string[] {
  // The default is read without the glob library of Node, which costs 10 ms to load.
  const simple = /^([^*?{}[\]]+)\/\*\.\{([\w,]+)\}$/.exec(pattern)
  if (simple?.[1] !== undefined) return filesIn(resolve(cwd, simple[1]), (simple[2] as string).split(','))
  if (!/[*?{}[\]]/.test(pattern)) return isFile(resolve(cwd, pattern)) ? [resolve(cwd, pattern)] : []
  return globSync(pattern, { cwd, exclude: (name) => name === 'node_modules' })
    .filter(isServed)
    .map((file) => resolve(cwd, file))
    .filter(isFile)
    .sort()
}

function filesIn(folder: string, extensions: readonly string[]): string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .filter((name) => isServed(name) && extensions.includes(name.slice(name.lastIndexOf('.') + 1)))
    .sort()
    .map((name) => join(folder, name))
    .filter(isFile)
}

function isServed(name: string): boolean {
  return !/\.d\.m?ts$|\.(test|spec|test-d)\.m?[jt]s$/.test(name)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
