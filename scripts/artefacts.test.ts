import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Parser } from '@asyncapi/parser'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, onTestFinished, test } from 'vitest'
import { ARTEFACTS } from '../apps/server/src/artefacts.ts'
import { checkArtefacts } from './artefacts.ts'

test('artefacts that are missing or differ are named, and made anew only when that is asked for', async () => {
  const root = mkdtempSync(join(tmpdir(), 'waymark-artefacts-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const folder = join(root, 'generated')
  const all = ARTEFACTS.map(({ file }) => file)
  expect(await checkArtefacts(folder, { write: false })).toEqual(all)
  expect(readdirSync(root)).toEqual([])
  expect(await checkArtefacts(folder, { write: true })).toEqual(all)
  expect(await checkArtefacts(folder, { write: false })).toEqual([])
  appendFileSync(join(folder, 'openapi.json'), ' ')
  expect(await checkArtefacts(folder, { write: false })).toEqual(['openapi.json'])
  expect(await checkArtefacts(folder, { write: true })).toEqual(['openapi.json'])
  expect(await checkArtefacts(folder, { write: false })).toEqual([])
})

test('there is nothing that Redocly would mend in the OpenAPI document that is kept', async () => {
  const source = readFileSync(join(import.meta.dirname, '../docs/reference/generated/openapi.json'), 'utf8')
  const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended-strict'] }) })
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
})

test('there is nothing but a newer version of AsyncAPI that its parser would mend in the document that is kept', async () => {
  const source = readFileSync(join(import.meta.dirname, '../docs/reference/generated/asyncapi.json'), 'utf8')
  const { diagnostics } = await new Parser().parse(source)
  expect(diagnostics.map(({ code }) => code)).toEqual(['asyncapi-latest-version'])
})
