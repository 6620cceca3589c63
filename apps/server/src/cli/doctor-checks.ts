/** The checks of `waymark doctor`: a table, and how each looks. None of them changes anything. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { formatProblem } from '../modules/definitions.ts'
import { loadDefinitions } from '../modules/load-definitions.ts'
import { mergeDefinitions } from '../modules/merge-definitions.ts'
import { OWN_MODULES } from '../modules/own-modules.ts'
import { keyFileOf, readKeyFile } from '../secret-key.ts'
import { type Environment, parseSettings, publishModeOf, SETTINGS, type SettingName } from '../settings.ts'

export interface CheckResult {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The next step; absent when there is nothing to do. */
  readonly fix?: string
}

interface Surroundings {
  readonly env: Environment
  readonly cwd: string
}

const OLDEST_NODE = 24
const ANSWER_MS = 2_000

/** In the order in which they are printed. */
export const CHECKS: Readonly<Record<string, (around: Surroundings) => Promise<CheckResult>>> = {
  node: async () => {
    const isNew = Number.parseInt(process.versions.node, 10) >= OLDEST_NODE
    return isNew
      ? ok(`Node ${process.version}`)
      : { status: 'fail', message: `Node ${process.version} is too old`, fix: `Install Node ${OLDEST_NODE} or newer.` }
  },
  settings: async ({ env, cwd }) => {
    const parsed = parseSettings(Object.keys(SETTINGS) as SettingName[], env, cwd)
    if (!parsed.ok)
      return { status: 'fail', message: parsed.problems.join('\n'), fix: '`waymark serve --help` lists all settings.' }
    const set = Object.values(SETTINGS).flatMap(({ name }) => (env[name] ? [name] : []))
    return ok(set.length === 0 ? 'all defaults' : `set: ${set.join(', ')}`)
  },
  folder: async ({ env, cwd }) => {
    const database = parseSettings(['database'], env, cwd)
    const file = database.ok && database.settings.database.kind === 'sqlite' ? database.settings.database.file : keyFileOf(cwd)
    const folder = nearestFolder(dirname(file))
    try {
      accessSync(folder, constants.W_OK | constants.X_OK)
      return ok(`${shown(folder, cwd)} is writable`)
    } catch {
      return {
        status: 'fail',
        message: `${folder} is not writable`,
        fix: `Let this user write to it, or set DATABASE_URL to another folder.`,
      }
    }
  },
  database: async ({ env, cwd }) => {
    const parsed = parseSettings(['database'], env, cwd)
    if (!parsed.ok) return skipped('DATABASE_URL')
    const { database } = parsed.settings
    if (database.kind === 'memory') {
      return { status: 'warn', message: 'in memory: nothing is kept', fix: 'Unset DATABASE_URL to keep what happens.' }
    }
    return database.kind === 'postgres' ? checkPostgres(database) : checkDatabase(database.file, shown(database.file, cwd))
  },
  modules: async ({ env, cwd }) => {
    const parsed = parseSettings(['modules'], env, cwd)
    if (!parsed.ok) return skipped('WAYMARK_MODULES')
    const loaded = await loadDefinitions(parsed.settings.modules)
    const merged = loaded.ok ? mergeDefinitions(loaded.files) : loaded
    if (!merged.ok) {
      return { status: 'fail', message: merged.problems.map(formatProblem).join('\n'), fix: '`waymark tracks lint` says more.' }
    }
    const { registry, tracks } = merged.definitions
    const what = `modules: ${registry.modules.length - OWN_MODULES.length}, tracks: ${tracks.length}`
    return parsed.settings.modules.length === 0
      ? {
          status: 'warn',
          message: 'no modules of your own: the built-in CRM sample is served',
          fix: '`waymark init` writes a start.',
        }
      : ok(what)
  },
  port: async ({ env, cwd }) => {
    const parsed = parseSettings(['host', 'port'], env, cwd)
    return parsed.ok ? checkPort(parsed.settings.host, parsed.settings.port) : skipped('HOST or PORT')
  },
  'secret key': async ({ env, cwd }) => {
    const parsed = parseSettings(['secretKey'], env, cwd)
    if (!parsed.ok) return skipped('WAYMARK_SECRET_KEY')
    if (parsed.settings.secretKey !== undefined) return ok('from WAYMARK_SECRET_KEY')
    return checkKeyFile(keyFileOf(cwd), cwd)
  },
  publishing: async ({ env, cwd }) => {
    const parsed = parseSettings(['publish', 'database'], env, cwd)
    if (!parsed.ok) return skipped('WAYMARK_PUBLISH')
    return ok(
      publishModeOf(parsed.settings) === 'auto'
        ? 'a start publishes new versions of tracks'
        : '`waymark tracks publish` publishes new versions of tracks; only the very first start does too',
    )
  },
  'learner secret': async ({ env, cwd }) => {
    const parsed = parseSettings(['learnerSecret'], env, cwd)
    if (!parsed.ok) return skipped('WAYMARK_LEARNER_SECRET')
    const { learnerSecret } = parsed.settings
    if (learnerSecret !== undefined)
      return ok(learnerSecret.kind === 'jwks' ? 'a key set (JWKS)' : `${learnerSecret.secrets.length} of HS256`)
    return {
      status: 'warn',
      message: 'not set: learner tokens are refused',
      fix: 'Set WAYMARK_LEARNER_SECRET if browsers or apps call the server: `openssl rand -base64 48` makes one.',
    }
  },
}

async function checkPostgres({ url, label }: { readonly url: string; readonly label: string }): Promise<CheckResult> {
  const { inspectPostgres } = await import('@waymark/store/postgres')
  try {
    const { version, pending, unsafe } = await inspectPostgres(url)
    if (unsafe.length > 0) {
      const fix = 'Set it to on in postgresql.conf: an acknowledged event can be lost with the server otherwise.'
      return { status: 'warn', message: `${label} runs with ${unsafe.join(', ')}`, fix }
    }
    return pending.length === 0
      ? ok(`${label}, version ${version}, is up to date`)
      : {
          status: 'warn',
          message: `${label} waits for ${pending.join(', ')}`,
          fix: '`waymark migrate` or `waymark serve` applies it.',
        }
  } catch (error) {
    return { status: 'fail', message: (error as Error).message, fix: 'Correct DATABASE_URL, or start that server.' }
  }
}

function checkDatabase(file: string, name: string): CheckResult {
  if (!existsSync(file)) return ok(`${name} is made at the first start`)
  const owner = ownerOf(file)
  if (owner !== undefined) {
    return {
      status: 'warn',
      message: `${name} is in use by ${owner}`,
      fix: 'Fine while that is your server; a second one on the same file is refused.',
    }
  }
  try {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      const { count } = db.prepare("select count(*) as count from sqlite_schema where name = 'event'").get() as { count: number }
      if (count === 1) return ok(`${name} opens`)
      return {
        status: 'fail',
        message: `${name} is a database, but not one of Waymark`,
        fix: 'Set DATABASE_URL to another file.',
      }
    } finally {
      db.close()
    }
  } catch (error) {
    return {
      status: 'fail',
      message: `${name} cannot be opened: ${(error as Error).message}`,
      fix: 'Restore the file from a backup, or set DATABASE_URL to another.',
    }
  }
}

/** Who holds the lock beside the file; undefined when nobody does. Looking takes nothing away from an owner. */
function ownerOf(file: string): string | undefined {
  if (!existsSync(`${file}.lock`)) return undefined
  const lock = new DatabaseSync(`${file}.lock`, { readOnly: true, timeout: 0 })
  try {
    lock.prepare('select count(*) from sqlite_schema').get()
    return undefined
  } catch {
    const pid = existsSync(`${file}.pid`) ? readFileSync(`${file}.pid`, 'utf8').trim() : ''
    return pid === '' ? 'another process' : `process ${pid}`
  } finally {
    lock.close()
  }
}

async function checkPort(host: string, port: number): Promise<CheckResult> {
  const code = await tryListen(host, port)
  if (code === undefined) return ok(`${port} of ${host} is free`)
  if (code !== 'EADDRINUSE') {
    return {
      status: 'fail',
      message: `${port} of ${host} cannot be listened on (${code})`,
      fix: 'Set HOST and PORT to an address of this machine.',
    }
  }
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const { status } = (await response.json()) as { readonly status?: unknown }
    if (response.ok && status === 'ok') return ok(`a Waymark server answers on ${port} of ${host}`)
  } catch {
    // Whatever it is, it is not ours.
  }
  return { status: 'fail', message: `${port} of ${host} is taken by another program`, fix: 'Stop it, or choose another PORT.' }
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function checkKeyFile(file: string, cwd: string): CheckResult {
  const name = shown(file, cwd)
  if (!existsSync(file)) return ok(`${name} is made at the first start`)
  try {
    readKeyFile(file)
  } catch (error) {
    return { status: 'fail', message: (error as Error).message }
  }
  const mode = statSync(file).mode & 0o777
  // Windows has no such modes.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(name)
  return { status: 'fail', message: `${name} can be read by other users (mode ${mode.toString(8)})`, fix: `chmod 600 ${name}` }
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

function shown(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' ? '.' : short.startsWith('..') ? path : short
}

function skipped(setting: string): CheckResult {
  return { status: 'warn', message: `not looked at: ${setting} cannot be used` }
}

function ok(message: string): CheckResult {
  return { status: 'ok', message }
}
