import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'

/** A shell that somebody types into, in a terminal of its own. */
export interface Terminal {
  /** Types keys; resolves with what the terminal showed since, when it shows this. */
  type(keys: string, shown: RegExp): Promise<string>
  /** Ends the shell. */
  close(): Promise<void>
}

/** Starts a command line in a terminal (by `script` of util-linux, which has one to give); resolves when it shows the prompt. */
export async function openTerminal(
  commandLine: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly prompt: RegExp },
): Promise<Terminal> {
  const { cwd, env, prompt } = options
  const child = spawn('script', ['-qec', commandLine, '/dev/null'], { cwd, env: { TERM: 'xterm', ...env }, stdio: 'pipe' })
  const ended = once(child, 'close')
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  const until = (from: number, wanted: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const text = stripVTControlCharacters(shown.slice(from))
        if (!wanted.test(text)) return
        child.stdout.off('data', look)
        resolve(text)
      }
      child.stdout.on('data', look)
      ended.then(() => reject(new Error(`${commandLine} ended before it showed ${wanted}: ${shown}`)))
      look()
    })
  await until(0, prompt)
  return {
    type(keys, wanted) {
      const from = shown.length
      child.stdin.write(keys)
      return until(from, wanted)
    },
    async close() {
      child.kill()
      await ended
    },
  }
}
