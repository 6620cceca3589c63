import type { Finding } from '../src/track/finding.ts'
import { type LintContext, lintTrack } from '../src/track/lint.ts'
import { registry } from './crm.ts'
import { track } from './entries.ts'

/** What is wrong with a track: the findings that are no mere information. */
export function lint(
  steps: Parameters<typeof track>[0],
  rest: Record<string, unknown> = {},
  context: LintContext = {},
): readonly Finding[] {
  return lintTrack(track(steps, rest), registry, context).filter(({ severity }) => severity !== 'info')
}

/** `CODE pointer` of each finding. */
export function places(findings: readonly Finding[]): string[] {
  return findings.map(({ code, pointer }) => `${code} ${pointer}`)
}
