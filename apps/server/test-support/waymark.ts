import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished, vi } from 'vitest'

// Several processes one after the other, on a machine that has other work.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command to its end. */
export function waymark(args: readonly string[], options: Options): Promise<Finished> {
  return startWaymark(args, options).finished
}

/** A command that runs. */
export interface Running {
  readonly finished: Promise<Finished>
  /** Resolves when this text is on stdout. */
  printed(text: string): Promise<void>
  /** Resolves when this text is on stderr. */
  logged(text: string): Promise<void>
  signal(signal: NodeJS.Signals): void
}

export function startWaymark(args: readonly string[], options: Options): Running {
  const child = start(args, options)
  const output = collect(child)
  child.stdin?.end(options.input ?? '')
  return {
    finished: once(child, 'close').then(([code]) => ({ code, ...output() })),
    printed: (text) => seen(child, 'stdout', () => output().stdout.includes(text)),
    logged: (text) => seen(child, 'stderr', () => output().stderr.includes(text)),
    signal: (signal) => child.kill(signal),
  }
}

/** A server in a process of its own. */
export interface Serving {
  readonly url: string
  readonly key: string
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves when this text is on stdout. */
  printed(text: string): Promise<void>
  /** Resolves when this text is on stderr. */
  logged(text: string): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number | null>
  stop(): Promise<number | null>
}

/** Starts `waymark serve` (or `dev`) on a free port; resolves when it is ready, rejects with its output when it ends before. */
export async function serve(options: Options, command: 'serve' | 'dev' = 'serve'): Promise<Serving> {
  const child = start([command], { ...options, env: { PORT: '0', ...options.env } })
  child.stdin?.end()
  const output = collect(child)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (/getProgress\?learnerId=.*\n/.test(output().stdout)) resolve()
    }
    child.stdout?.on('data', look)
    ended.then((code) => reject(new Error(`waymark serve ended with ${code}: ${output().stdout}${output().stderr}`)))
  })
  return {
    url: /URL +(\S+)/.exec(output().stdout)?.[1] as string,
    key: /Key +(\S+)/.exec(output().stdout)?.[1] as string,
    pid: child.pid as number,
    stdout: () => output().stdout,
    stderr: () => output().stderr,
    printed: (text) => seen(child, 'stdout', () => output().stdout.includes(text)),
    logged: (text) => seen(child, 'stderr', () => output().stderr.includes(text)),
    signal: (signal) => child.kill(signal),
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function seen(child: ChildProcess, stream: 'stdout' | 'stderr', isThere: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isThere()) resolve()
    }
    child[stream]?.on('data', look)
    look()
  })
}

/** The same, stopped when the test ends. */
export async function serveInTest(options: Options): Promise<Serving> {
  const serving = await serve(options)
  onTestFinished(async () => {
    await serving.stop()
  })
  return serving
}

function start(args: readonly string[], { cwd, env = {} }: Options): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
    stdio: 'pipe',
  })
}

function collect(child: ChildProcess): () => { readonly stdout: string; readonly stderr: string } {
  const text = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
  })
  return () => ({ ...text })
}
