import { delimiter } from 'node:path'

/**
 * The environment as a user's shell has it: without what `npm run` adds for a script, which would lead an npm started from here to this
 * repository, and with the machine's own Node first instead of the pinned one.
 */
export function userEnvironment(): NodeJS.ProcessEnv {
  const fromNpm =
    /^(npm_(command|execpath|node_execpath|lifecycle_.*|package_.*|config_(local_prefix|global_prefix|prefix|node_gyp|npm_version))|INIT_CWD|NODE|NODE_OPTIONS)$/
  const kept = Object.entries(process.env).filter(([name]) => !fromNpm.test(name) && !name.startsWith('VITEST'))
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !/node_modules[\\/](\.bin|.*node-gyp-bin)$/.test(folder))
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) }
}
