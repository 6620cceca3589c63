/** The scripts of `waymark completion`, each in its shell, by somebody who presses the tab key. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openTerminal, type Terminal } from './terminal.ts'

const bin = fileURLToPath(new URL('../../apps/server/bin/waymark.js', import.meta.url))
const TAB = '\t'
const PROMPT = /type> $/

let home: string
let env: Record<string, string>

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'waymark-shells-'))
  env = { HOME: home, ZDOTDIR: home, PATH: [join(home, 'bin'), process.env.PATH].join(delimiter) }
  await mkdir(join(home, 'bin'))
  // Completion is the real one; any other command says what it was called with, which is the line that the tab key made.
  await put(
    'bin/waymark',
    `#!/bin/sh
case "$1" in
  complete | completion) exec '${process.execPath}' '${bin}' "$@" ;;
  *) printf 'called:'; printf ' <%s>' "$@"; printf '\\n' ;;
esac
`,
  )
  await chmod(join(home, 'bin/waymark'), 0o755)
  await put('a-file.json', '{}')
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(home, path, '..'), { recursive: true })
  await writeFile(join(home, path), text)
}

async function scriptOf(shell: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, 'completion', shell], { cwd: home })
  expect(stderr).toBe('')
  return stdout
}

/** Interactive shells: how each is started with its completion. */
const SHELLS = [
  {
    name: 'bash that sources it',
    path: '/bin/bash',
    prepare: () => put('bashrc', `PS1='type> '\nsource <(waymark completion bash)\n`),
    commandLine: 'bash --rcfile bashrc -i',
    // Bash asks for a second one before it lists.
    list: TAB + TAB,
  },
  {
    name: 'zsh that sources it',
    path: '/usr/bin/zsh',
    prepare: () => put('.zshrc', `autoload -Uz compinit; compinit -u\nsource <(waymark completion zsh)\nPS1='type> '\n`),
    commandLine: 'zsh -i',
    list: TAB,
  },
  {
    name: 'zsh that finds it in fpath',
    path: '/usr/bin/zsh',
    async prepare() {
      await put('.zfunc/_waymark', await scriptOf('zsh'))
      await put('.zshrc', `fpath=(~/.zfunc $fpath)\nautoload -Uz compinit; compinit -u\nPS1='type> '\n`)
    },
    commandLine: 'zsh -i',
    list: TAB,
  },
]

describe.each(SHELLS)('$name (where it is installed: scripts/install-components.sh)', ({ path, prepare, commandLine, list }) => {
  async function open(): Promise<Terminal> {
    await prepare()
    const terminal = await openTerminal(commandLine, { cwd: home, env, prompt: PROMPT })
    onTestFinished(() => terminal.close())
    return terminal
  }

  it.skipIf(!existsSync(path))('completes commands, operations and flags, from the first time on', async () => {
    const terminal = await open()
    await terminal.type(`waymark tr${TAB}`, /waymark tracks/)
    await terminal.type(`p${list}`, /pause[\s\S]*publish|publish[\s\S]*pause/)
    await terminal.type(`u${TAB}`, /blish/)
    expect(await terminal.type(`--policy pi${TAB}\n`, /called:.*\r?\n/)).toContain('called: <tracks> <publish> <--policy> <pin>')
    await terminal.type(`waymark learning onboarding record${TAB}`, /record-event/)
    await terminal.type(`--learner${TAB}`, /--learner-id/)
    expect(await terminal.type('ada\n', /called:.*\r?\n/)).toContain(
      'called: <learning> <onboarding> <record-event> <--learner-id> <ada>',
    )
  })

  it.skipIf(!existsSync(path))('completes file names where Waymark has nothing to say', async () => {
    const terminal = await open()
    await terminal.type(`waymark events send --file a-f${TAB}`, /a-file\.json/)
  })
})

describe.skipIf(!existsSync('/usr/bin/fish'))('fish (where it is installed: scripts/install-components.sh)', () => {
  /** What fish offers for a line: words, with their meanings behind a tab. */
  async function offered(line: string): Promise<readonly string[]> {
    await put('.config/fish/completions/waymark.fish', await scriptOf('fish'))
    const { stdout, stderr } = await promisify(execFile)('fish', ['-c', `complete -C '${line}'`], { cwd: home, env })
    expect(stderr).toBe('')
    return stdout.split('\n').filter((text) => text !== '')
  }

  it('completes commands with their meanings, operations and flags', async () => {
    expect(await offered('waymark tr')).toEqual(['tracks\twork on tracks'])
    expect(await offered('waymark tracks publish --policy p')).toEqual(['pin'])
    expect(await offered('waymark tracks p')).toEqual([expect.stringMatching(/^pause\t./), expect.stringMatching(/^publish\t./)])
    expect(await offered('waymark learning onboarding record')).toEqual([expect.stringMatching(/^record-event\t./)])
    expect(await offered('waymark learning onboarding record-event --learner')).toEqual([
      expect.stringMatching(/^--learner-id\t./),
    ])
  })

  it('completes file names where Waymark has nothing to say', async () => {
    expect(await offered('waymark events send --file a-f')).toEqual(['a-file.json'])
  })
})
