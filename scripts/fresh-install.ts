// A clone of HEAD, installed with each npm that people have, on the Node that the machine has: the install ends well, scripts then run
// on the pinned Node 24, and the lock file is left as it was. npm 10 drops the `libc` lines of the lock and newer ones do not add them
// again, so the lock has none. `--test` also runs `npm test` in each clone, with one file of each of its projects.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { userEnvironment } from './user-environment.ts'

const npmVersions = ['10.9.9', '11.21.2', '12.2.0']
/** What needs the pinned Node, built-in SQLite, a server in a process of its own and the PostgreSQL of the install. */
const testFiles = [
  'packages/store/src/sqlite/migrate.test',
  'apps/server/src/cli/serve.process.test',
  'packages/store/src/postgres/gate.pg.test',
]
const withTests = process.argv.includes('--test')

let passed = 0
let failed = 0
for (const version of npmVersions) {
  const problem = tryInstall(version)
  if (problem === undefined) passed += 1
  else failed += 1
  console.log(problem === undefined ? `npm ${version}: installed from nothing` : `npm ${version}: ${problem}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** What went wrong with this npm, or undefined. */
function tryInstall(version: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-install-'))
  const clone = join(folder, 'waymark')
  const npm = (...args: string[]) => run(clone, 'npx', '--yes', `npm@${version}`, ...args)
  try {
    const cloned = run(folder, 'git', 'clone', '--quiet', resolve(import.meta.dirname, '..'), 'waymark')
    if (!cloned.ok) return `git clone failed:\n${cloned.output}`
    const lock = readFileSync(join(clone, 'package-lock.json'))
    const installed = npm('install')
    if (!installed.ok) return `npm install failed:\n${installed.output}`
    if (!readFileSync(join(clone, 'package-lock.json')).equals(lock)) {
      return `npm install changed package-lock.json. If only libc lines went, commit what npm 10 makes of it:\n${run(clone, 'git', 'diff', '--stat', '--patch', '--text', 'package-lock.json').output}`
    }
    const node = npm('exec', '-c', 'node -v')
    if (!node.ok || !/^v24\./m.test(node.output)) return `scripts do not run on Node 24 but on ${node.output}`
    if (withTests) {
      const tested = npm('test', '--', ...testFiles)
      if (!tested.ok) return `npm test failed:\n${tested.output}`
      const missing = testFiles.filter((file) => !tested.output.includes(file))
      if (missing.length > 0) return `npm test did not run ${missing.join(', ')}:\n${tested.output}`
    }
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(cwd: string, command: string, ...args: string[]): { readonly ok: boolean; readonly output: string } {
  const options = { cwd, encoding: 'utf8', env: userEnvironment(), shell: process.platform === 'win32' } as const
  const { status, stdout, stderr } = spawnSync(command, args, options)
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() }
}
