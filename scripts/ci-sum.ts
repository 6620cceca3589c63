// Adds up what the steps of `.ci/run` did. The folder holds `steps` (one line each: name, exit code, seconds) and for every step its
// log and perhaps a result from the vitest reporter. A step without either kind of count is one check.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RunResult } from './ci-reporter.ts'

/** Sums the steps recorded in `folder`, with a line for each and the total as the last line. */
export function sumSteps(folder: string): { readonly lines: readonly string[]; readonly ok: boolean } {
  const lines: string[] = []
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const step of readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n')) {
    const [name = '', code, seconds] = step.split(' ')
    const counted = resultOf(folder, name) ?? { passed: code === '0' ? 1 : 0, failed: 0, skipped: [] }
    // Whatever a runner says of itself: a step that ended with an error failed.
    const failed = counted.failed === 0 && code !== '0' ? 1 : counted.failed
    lines.push(
      `${failed === 0 ? 'ok    ' : 'FAILED'} ${name}: ${toText(counted.passed, failed, counted.skipped.length)} (${seconds} s)`,
    )
    lines.push(...counted.skipped.map(({ test, reason }) => `       skipped ${test}: ${reason}`))
    total.passed += counted.passed
    total.failed += failed
    total.skipped += counted.skipped.length
  }
  return { lines: [...lines, '', toText(total.passed, total.failed, total.skipped)], ok: total.failed === 0 }
}

function resultOf(folder: string, name: string): RunResult | undefined {
  const file = join(folder, `${name}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as RunResult
  const own = [...readFileSync(join(folder, `${name}.log`), 'utf8').matchAll(/^(\d+) passed, (\d+) failed\b/gm)].at(-1)
  return own === undefined ? undefined : { passed: Number(own[1]), failed: Number(own[2]), skipped: [] }
}

function toText(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}

if (import.meta.main) {
  const { lines, ok } = sumSteps(resolve(process.argv[2] ?? '.cache/ci'))
  console.log(lines.join('\n'))
  process.exitCode = ok ? 0 : 1
}
