import { type JsonSchema, jsonSchemaOf } from '@waymark/contract'
import { TrackSchema } from './definition.ts'

/**
 * The JSON Schema of a track file, for editors: `@waymark/learning-journey/track.schema.json`. It says all that `parseTrack` checks, but for
 * what `contradictionsOf` finds.
 */
export function trackJsonSchema(): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...jsonSchemaOf(TrackSchema, 'input') }
}
