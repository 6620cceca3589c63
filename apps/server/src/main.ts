import { enableCompileCache } from 'node:module'

// Compiled code is kept between runs: half of the start of a process that runs these sources. What follows is imported after it.
enableCompileCache()
const [, , command, ...rest] = process.argv
// `serve` alone needs no command line library, which costs a tenth of its start.
if (command === 'serve' && rest.length === 0) {
  import('./cli/serve.ts').then(({ serve }) => serve()).catch((error) => import('./cli/fail.ts').then(({ fail }) => fail(error)))
} else {
  import('./cli/program.ts').then(({ run }) => run(process.argv))
}
