import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What the files of `waymark init` import. */
const OWN = /^(@waymark\/(contract|learning-journey)|zod)(\/|$)/

const moduleFiles = new Set<string>()
let isRegistered = false

/**
 * Lets a module file be loaded wherever it is: `@waymark/contract`, `@waymark/learning-journey` and zod come from the server's own
 * installation where the file's folder has none, and a `.ts` module file is an ES module whatever the package.json above it says
 * (`npm init` writes "commonjs").
 */
export function resolveOwnPackages(file: string): void {
  moduleFiles.add(pathToFileURL(file).href)
  if (isRegistered) return
  isRegistered = true
  registerHooks({
    resolve(specifier, context, next) {
      try {
        const found = next(specifier, context)
        const isTyped = moduleFiles.has(found.url) && /\.m?ts$/.test(found.url)
        return isTyped ? { ...found, format: 'module-typescript' } : found
      } catch (error) {
        if (!OWN.test(specifier) || (error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}
