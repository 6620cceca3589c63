import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))
const crmModules = fileURLToPath(new URL('../../examples/crm/waymark/*.ts', import.meta.url))

export interface StartOptions {
  /** Besides the settings that every start has. */
  readonly env?: Readonly<Record<string, string>>
  /** A module that is loaded before the server. */
  readonly preload?: URL
}

/** A server in a process of its own, which can be killed and started again on the same database. */
export class ServerProcess {
  readonly key = `wm_sk_${crypto.randomUUID()}`
  readonly folder: string
  readonly #modules: string
  readonly #env: Record<string, string>
  #child: ChildProcess | undefined
  url = ''
  /** What the process wrote to stderr since its last start. */
  errors = ''
  /** Resolves when the process of the last start has ended and all it wrote was read. */
  ended: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, modules: string, env: Record<string, string>) {
    this.folder = folder
    this.#modules = modules
    this.#env = env
  }

  /** A server in an empty folder, not started yet; it serves the CRM example unless told otherwise. */
  static async create({
    modules = crmModules,
    env = {},
  }: {
    readonly modules?: string
    readonly env?: Record<string, string>
  } = {}): Promise<ServerProcess> {
    return new ServerProcess(await mkdtemp(join(tmpdir(), 'waymark-e2e-')), modules, env)
  }

  /** The same, started. */
  static async start(options: Parameters<typeof ServerProcess.create>[0] = {}): Promise<ServerProcess> {
    const server = await ServerProcess.create(options)
    await server.start()
    return server
  }

  /** Resolves when it prints that it is ready, with how long that took in milliseconds. */
  async start({ env = {}, preload }: StartOptions = {}): Promise<number> {
    const begin = performance.now()
    const load = preload === undefined ? [] : [`--import=${preload}`]
    const child = spawn(process.execPath, ['--conditions=@waymark/source', ...load, main, 'serve'], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        WAYMARK_MODULES: this.#modules,
        WAYMARK_SECRET_KEY: this.key,
        LOG_LEVEL: 'warn',
        ...this.#env,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.ended = once(child, 'close')
    let output = ''
    this.errors = ''
    child.stderr?.on('data', (chunk) => {
      this.errors += chunk
    })
    this.url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        output += chunk
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
        if (url !== undefined) resolve(url)
      })
      child.once('exit', (code) =>
        reject(new Error(`The server ended with ${code} before it was ready.\n${output}${this.errors}`)),
      )
    })
    return performance.now() - begin
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Ends the process with a signal; resolves with its exit code, null when the signal ended it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code] = await exit
    return code
  }

  /** Ends the process and removes its folder. */
  async remove(): Promise<void> {
    await this.end('SIGKILL')
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Calls an operation of the journey; resolves with status and body. */
  call(operation: string, input: unknown, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${this.key}` }) {
    return this.post(`learning/onboarding/${operation}`, input, headers)
  }

  /** Calls any operation by its path. */
  async post(path: string, input: unknown, headers: Readonly<Record<string, string>>) {
    const response = await fetch(`${this.url}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    })
    // biome-ignore lint/suspicious/noExplicitAny: the answer of any operation, looked at field by field in tests.
    return { status: response.status, headers: response.headers, body: (await response.json()) as any }
  }
}
