import type { ContractError } from '@waymark/contract'
import { type CompiledTrack, compileTrack, type TrackModel } from '../engine/index.ts'
import type { Journey } from '../handlers/journey.ts'
import { validationProblem } from '../handlers/validation-problem.ts'
import { parseTrack } from '../track/definition.ts'
import { lintTrack } from '../track/lint.ts'

/** A definition as it would be served next: states of the published ones are carried over. */
export async function compileGiven(
  { catalogue, registry, store }: Journey,
  definition: object,
  refuse: (init: ReturnType<typeof validationProblem>) => ContractError,
): Promise<CompiledTrack> {
  const parsed = parseTrack(definition)
  if (!parsed.ok)
    throw refuse(
      validationProblem(
        parsed.issues.map(({ pointer, message }) => ({
          pointer: `/definition${pointer}`,
          message,
          expected: 'a waymark.track/1 document',
          received: 'object',
        })),
      ),
    )
  const { track } = parsed
  const tracks = [...catalogue.tracks.map(({ model }) => model).filter(({ key }) => key !== track.key), track]
  const findings = lintTrack(track, registry, { tracks }).filter(({ severity }) => severity === 'error')
  if (findings.length > 0)
    throw refuse(
      validationProblem(
        findings.map(({ pointer, message }) => ({
          pointer: `/definition${pointer}`,
          message,
          expected: 'a track that can be published',
          received: 'object',
        })),
      ),
    )
  const published = (await store.readTrackVersions()).filter(({ key }) => key === track.key)
  const earlier = published.map((row) => JSON.parse(row.definition) as TrackModel)
  return compileTrack(track, earlier, catalogue.track(track.key)?.generation ?? 0)
}
