import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESERVED } from '@waymark/contract'
import { LearningJourneyModule } from '@waymark/learning-journey'
import { expect, it } from 'vitest'
import { ServerModule } from '../../apps/server/src/database/contracts.ts'

const root = join(import.meta.dirname, '../..')

/** A code as it stands in a source: an upper-case name with at least two parts. */
const CODE = /'([A-Z]{2,}(?:_[A-Z]+)+)'|^ {2}([A-Z]{2,}(?:_[A-Z]+)+):/gm

it('docs/reference/errors.md lists every error code that the packages have, and none that they have not', () => {
  const documented = new Set(
    [...readFileSync(join(root, 'docs/reference/errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code),
  )
  const existing = new Set<string>([
    ...Object.keys(RESERVED),
    ...declaredCodes(),
    ...codesIn('packages/modules/learning-journey/src/track/finding.ts'),
    'EVENT_UNKNOWN',
  ])
  for (const file of globSync('{packages,apps}/**/src/errors.ts', { cwd: root, exclude: (name) => name === 'node_modules' }))
    for (const code of codesIn(file)) existing.add(code)
  expect([...documented].sort()).toEqual([...existing].sort())
})

function declaredCodes(): string[] {
  return [LearningJourneyModule, ServerModule].flatMap(({ contracts }) =>
    contracts.flatMap((contract) => (contract.kind === 'event' ? [] : Object.keys(contract.io.errors))),
  )
}

function codesIn(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(CODE)].map(([, quoted, key]) => quoted ?? key ?? '')
}
