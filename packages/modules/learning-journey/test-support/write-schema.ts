// Writes schema/track.schema.json:
//   node --conditions=@waymark/source packages/modules/learning-journey/test-support/write-schema.ts
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trackJsonSchema } from '../src/track/json-schema.ts'

const root = join(import.meta.dirname, '../../../..')
const file = join(import.meta.dirname, '../schema/track.schema.json')
writeFileSync(file, JSON.stringify(trackJsonSchema(), null, 2))
execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', file], { cwd: root })
