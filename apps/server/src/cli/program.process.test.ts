import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../test-support/temp-folder.ts'
import { waymark } from '../../test-support/waymark.ts'
import { SETTINGS } from '../settings.ts'
import { version } from '../version.ts'
import { EXIT_CODES } from './exit-codes.ts'

const BIN = new URL('../../bin/waymark.js', import.meta.url).pathname
const cwd = makeFolder()
afterAll(() => rmSync(cwd, { recursive: true }))
const run = (...args: readonly string[]) => waymark(args, { cwd })

it.concurrent('prints its version, and its help with all commands and exit codes', async () => {
  expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  const { code, stdout, stderr } = await run('--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const name of ['serve', 'init', 'token', 'events', 'import', 'explain', 'simulate', 'tracks', 'backup', 'doctor'])
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
  for (const { code, means } of Object.values(EXIT_CODES)) expect(stdout).toContain(`  ${String(code).padEnd(5)}${means}`)
})

it.concurrent('documents every setting in the help of serve', async () => {
  const { stdout } = await run('serve', '--help')
  for (const { name, what, fallback, example } of Object.values(SETTINGS)) {
    expect(stdout).toContain(`  ${name}\n    ${what}\n    default: ${fallback}\n    example: ${example}`)
  }
})

it.concurrent.each([
  ['init'],
  ['token'],
  ['events', 'send'],
  ['events', 'rejected'],
  ['events', 'rejected', 'list'],
  ['events', 'rejected', 'redrive'],
  ['import'],
  ['backup'],
  ['explain'],
  ['tracks', 'lint'],
  ['doctor'],
])('shows examples in the help of %s %s %s', async (...words) => {
  const { code, stdout } = await run(...words.filter(Boolean), '--help')
  expect(code).toBe(0)
  expect(stdout).toContain(`\nExamples:\n  waymark ${words.join(' ').trim()}`)
})

it.concurrent('ends with 2 and the nearest command for a typo, and for a group without a command', async () => {
  expect(await run('srve')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean serve?') })
  expect(await run('serve', 'now')).toMatchObject({ code: 2, stdout: '' })
  expect(await run()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: waymark') })
  expect(await run('events')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('rejected') })
})

it.concurrent('uses colours only where they are asked for', async () => {
  const args = ['tracks', 'lint']
  expect((await run(...args)).stdout).not.toContain('\u001b')
  expect((await waymark(args, { cwd, env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b')
  expect((await waymark(args, { cwd, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b')
})

describe('bin/waymark.js', () => {
  const bin = (...args: readonly string[]) => promisify(execFile)(process.execPath, args, { cwd })

  it.concurrent('runs the sources in the repository, with and without their condition', async () => {
    expect((await bin(BIN, '--version')).stdout).toBe(`${version}\n`)
    expect((await bin('--conditions=@waymark/source', BIN, '--version')).stdout).toBe(`${version}\n`)
  })

  it.concurrent('says on an old Node what it needs', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})`
    await expect(bin('--import', old, BIN, 'serve')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Waymark needs Node 24 or newer'),
    })
  })

  it.concurrent('is written so that an old Node can read it', () => {
    const code = readFileSync(BIN, 'utf8').replace(/^\s*\/\/.*$/gm, '')
    expect(code).not.toMatch(/=>|`|\b(const|let|class|import|export|async|await)\b|\?\.|\?\?/)
  })
})
