import { CHECKS, type CheckResult } from './doctor-checks.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson, tint } from './print.ts'

/** `waymark doctor`: one line for each check, with the fix; ends with 1 when one fails. */
export async function doctor({ json = false }: { readonly json?: boolean } = {}): Promise<void> {
  const results: (CheckResult & { readonly check: string })[] = []
  for (const [check, run] of Object.entries(CHECKS)) {
    const result = await run({ env: process.env, cwd: process.cwd() }).catch(
      (error: Error): CheckResult => ({
        status: 'fail',
        message: error.message,
        fix: 'This is a defect of the check; please report it.',
      }),
    )
    results.push({ check, ...result })
    if (!json) print(...toLines(check, result))
  }
  const ok = results.every(({ status }) => status !== 'fail')
  if (json) printJson({ ok, checks: results })
  process.exitCode = ok ? EXIT_CODES.ok.code : EXIT_CODES.failure.code
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const

function toLines(check: string, { status, message, fix }: CheckResult): string[] {
  const line = `${tint(COLOURS[status], status.padEnd(5))}${check.padEnd(15)}${message.replaceAll('\n', `\n${' '.repeat(20)}`)}`
  return fix === undefined ? [line] : [line, `${' '.repeat(20)}→ ${fix}`]
}
