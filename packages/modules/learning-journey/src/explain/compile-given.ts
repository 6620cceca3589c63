import type { ContractError } from '@waymark/contract'
import { type CompiledTrack, compileTrack, type TrackModel } from '../engine/index.ts'
import type { Journey } from '../handlers/journey.ts'
import { checkDefinition } from '../publishing/check-definition.ts'
import type { validationProblem } from '../record/validation-problem.ts'

/** A definition as it would be served next: states of the published ones are carried over. */
export async function compileGiven(
  journey: Journey,
  definition: object,
  refuse: (init: ReturnType<typeof validationProblem>) => ContractError,
): Promise<CompiledTrack> {
  const { catalogue, store } = journey
  const { track } = checkDefinition(journey, definition, refuse)
  const published = (await store.readTrackVersions()).filter(({ key }) => key === track.key)
  const earlier = published.map((row) => JSON.parse(row.definition) as TrackModel)
  return compileTrack(track, earlier, catalogue.track(track.key)?.generation ?? 0)
}
