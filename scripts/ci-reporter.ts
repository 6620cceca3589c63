// A vitest reporter for `.ci/run`: writes how many tests passed and failed, and every skipped test with its reason, to the file that
// CI_RESULT names. vitest's own JSON report leaves the reasons out.
import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** What one runner did. */
export interface RunResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string }[]
}

export default class CiReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0
    // A file that does not load, or an error outside of any test, is a failure too.
    let failed = unhandled.length
    const skipped: { test: string; reason: string }[] = []
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed += 1
        else if (result.state === 'skipped') {
          const reason = result.note ?? (test.options.mode === 'todo' ? 'to do' : 'no reason given')
          skipped.push({ test: `${module.relativeModuleId} > ${test.fullName}`, reason })
        } else failed += 1
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length
    }
    const file = process.env.CI_RESULT
    if (file === undefined) throw new Error('CI_RESULT is not set: name the file that the result is written to.')
    writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies RunResult))
  }
}
