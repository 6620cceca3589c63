/**
 * `waymark dev`: a server in a process of its own, started again whenever a file beside the modules changes. States: running, stopping
 * (the server finishes what is in flight), waiting (it could not start; the next change tries again). One server at a time: the next one
 * starts when the one before has ended.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, type FSWatcher, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** Editors write a file in several steps. */
const SETTLE_MS = 150

/** Runs until a signal ends it. */
export function dev(): void {
  const watchers = foldersOf().map((folder) => watch(folder, () => changed()))
  let server: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let isEnding = false
  let isStale = false

  function start(): void {
    isStale = false
    const [, program = ''] = process.argv
    server = spawn(process.execPath, [...process.execArgv, program, 'dev', '--once'], { stdio: 'inherit' })
    server.once('exit', (code) => {
      server = undefined
      if (isEnding) end(watchers, code)
      else if (isStale) start()
      else process.stderr.write(`The server ended with ${code ?? 'a signal'}. Change a file and it is started again.\n`)
    })
  }

  function changed(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      isStale = true
      if (server === undefined) start()
      else server.kill('SIGTERM')
    }, SETTLE_MS)
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isEnding = true
      clearTimeout(timer)
      if (server === undefined) end(watchers, EXIT_CODES.ok.code)
      else server.kill(signal)
    })
  }
  start()
}

/** Where the modules are; where they would be, when there are none yet. */
function foldersOf(): string[] {
  const parsed = parseSettings(['modules'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const folders = new Set(parsed.settings.modules.map((file) => dirname(file)))
  if (folders.size > 0) return [...folders]
  const usual = join(process.cwd(), 'waymark')
  return [existsSync(usual) ? usual : process.cwd()]
}

function end(watchers: readonly FSWatcher[], code: number | null): void {
  for (const watcher of watchers) watcher.close()
  process.exitCode = code ?? EXIT_CODES.interrupted.code
}
