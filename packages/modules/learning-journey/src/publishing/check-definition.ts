import type { ContractError, Registry } from '@waymark/contract'
import type { TrackModel } from '../engine/index.ts'
import type { Catalogue } from '../record/catalogue.ts'
import { validationProblem } from '../record/validation-problem.ts'
import type { Traits } from '../track/define-traits.ts'
import { parseTrack } from '../track/definition.ts'
import type { Finding } from '../track/finding.ts'
import { lintTrack } from '../track/lint.ts'

/** What a definition is checked against. */
export interface CheckContext {
  readonly catalogue: Catalogue
  readonly registry: Registry
  readonly traits: Traits | undefined
}

/** Checks a definition that a call brought, beside the other tracks that are served. Each thing wrong is named by its pointer. */
export function checkDefinition(
  { catalogue, registry, traits }: CheckContext,
  definition: object,
  refuse: (init: ReturnType<typeof validationProblem>) => ContractError,
): { readonly track: TrackModel; readonly findings: readonly Finding[] } {
  const refuseAll = (issues: readonly { readonly pointer: string; readonly message: string }[], expected: string) => {
    const toIssue = ({ pointer, message }: (typeof issues)[number]) => ({
      pointer: `/definition${pointer}`,
      message,
      expected,
      received: 'object',
    })
    return refuse(validationProblem(issues.map(toIssue)))
  }
  const parsed = parseTrack(definition)
  if (!parsed.ok) throw refuseAll(parsed.issues, 'a waymark.track/1 document')
  const { track } = parsed
  const others = catalogue.tracks.map(({ model }) => model).filter(({ key }) => key !== track.key)
  const findings = lintTrack(track, registry, { tracks: [...others, track], traits })
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw refuseAll(errors, 'a track that can be published')
  return { track, findings }
}
