import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sumSteps } from './ci-sum.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-ci-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function step(name: string, code: number, log: string, result?: object) {
  writeFileSync(join(folder, 'steps'), `${name} ${code} 1\n`, { flag: 'a' })
  writeFileSync(join(folder, `${name}.log`), log)
  if (result !== undefined) writeFileSync(join(folder, `${name}.json`), JSON.stringify(result))
}

test('sums test results, printed totals and single checks', () => {
  step('lint', 0, 'fine')
  step('test', 0, '', { passed: 40, failed: 0, skipped: [{ test: 'a > b', reason: 'no browser' }] })
  step('cases', 0, 'a case\n1 passed, 0 failed\n12 passed, 0 failed\n')
  const { lines, ok } = sumSteps(folder)
  expect(lines.at(-1)).toBe('53 passed, 0 failed, 1 skipped')
  expect(lines.join('\n')).toContain('skipped a > b: no browser')
  expect(ok).toBe(true)
})

test('counts a step that ended with an error as failed, whatever it printed', () => {
  step('types', 2, 'error TS2322')
  step('test', 1, '', { passed: 3, failed: 2, skipped: [] })
  step('cases', 1, '4 passed, 0 failed')
  expect(sumSteps(folder)).toMatchObject({ ok: false, lines: expect.arrayContaining(['7 passed, 4 failed']) })
})
