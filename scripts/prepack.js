// Plain JavaScript, run by npm in a package's folder before it is packed: npm copies no licence from the root of a workspace,
// and would pack a package that was never built without a word.
import { copyFileSync, existsSync } from 'node:fs'

if (!existsSync('dist')) throw new Error(`There is no dist in ${process.cwd()}. Run npm run build at the root, then pack again.`)
copyFileSync(new URL('../LICENSE', import.meta.url), 'LICENSE')
