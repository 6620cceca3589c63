import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { waymark } from '../../test-support/waymark.ts'

const run = (args: readonly string[]) => waymark(args, { cwd: tmpdir() })

const complete = async (...words: readonly string[]) => {
  const { code, stdout } = await run(['complete', '--', ...words])
  expect(code).toBe(0)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]]))
}

describe('waymark complete', () => {
  it('knows commands, and the first words of operations', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['serve', 'tracks', 'completion', 'learning', 'server']))
    expect(await complete('tr')).toEqual(['tracks'])
    expect(await complete('tracks', 'p')).toEqual(['publish', 'pause'])
  })

  it('knows the words and flags of an operation', async () => {
    expect(await complete('learning', 'onboarding', 'record')).toEqual(['record-event'])
    expect(await complete('learning', 'onboarding', 'record-event', '--learner')).toEqual(['--learner-id'])
  })

  it('knows the values of flags and arguments that have few', async () => {
    expect(await complete('tracks', 'publish', '--policy', '')).toEqual(['carry', 'pin', 'restart', 'exit'])
    expect(await complete('tracks', 'dry-run', 'a.json', '--policy', 'p')).toEqual(['pin'])
    expect(await complete('learning', 'onboarding', 'set-track-status', '--status', '')).toEqual(
      expect.arrayContaining(['paused']),
    )
    expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await complete('completion', 'zsh', '')).toEqual([])
  })

  it('knows flags, and leaves other values to the shell', async () => {
    expect(await complete('tracks', 'publish', '--')).toEqual(expect.arrayContaining(['--policy', '--json', '--help']))
    expect(await complete('docs', 'build', '--out', '')).toEqual([])
    expect(await complete('nothing', 'like', 'this')).toEqual([])
  })
})

describe('waymark completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { code, stdout, stderr } = await run(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('waymark complete -- ')
  })

  it('wants a shell that it knows', async () => {
    expect(await run(['completion', 'tcsh'])).toMatchObject({ code: 2, stderr: expect.stringContaining('bash, zsh, fish') })
  })

  it.skipIf(!existsSync('/bin/bash'))('completes in bash (which has to be at /bin/bash)', async () => {
    const { stdout: script } = await run(['completion', 'bash'])
    const line = `waymark() { printf 'tracks\\twork on tracks\\n'; }
${script}
COMP_WORDS=(waymark tr); COMP_CWORD=1; _waymark; printf '%s' "\${COMPREPLY[*]}"`
    const { stdout } = await promisify(execFile)('/bin/bash', ['-c', line])
    expect(stdout).toBe('tracks')
  })
})
