import { enableCompileCache } from 'node:module'
import { dirname } from 'node:path'

// Compiled code, and TypeScript without its types, are kept between runs: without it a start takes twice as long. The database thread
// learns of the cache by the environment only. What follows is imported after this.
const { directory } = enableCompileCache()
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= dirname(directory)

const [, , command, ...rest] = process.argv
if (command === 'serve' && rest.length === 0) {
  // `serve` alone needs no command line library, which costs a tenth of its start.
  import('./cli/serve.ts')
    .then(({ serve }) => serve())
    .catch((error: unknown) => import('./cli/fail.ts').then(({ fail }) => fail(error)))
} else {
  import('./cli/program.ts').then(({ run }) => run(process.argv))
}
