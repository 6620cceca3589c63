// Run by npm in the folder of the server's package before it is packed: what its site shows of Waymark itself, which an installed
// package cannot read from the repository.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKED_DOCS, packOwnDocs } from '../apps/server/src/docs/own-docs.ts'

writeFileSync(join('dist', 'docs', PACKED_DOCS), await packOwnDocs())
