import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { asyncApiText } from './async-api-text.ts'

it('the committed AsyncAPI document is the one that the contracts give', () => {
  const committed = readFileSync(new URL('../../../docs/reference/asyncapi.json', import.meta.url), 'utf8')
  expect(JSON.parse(committed)).toEqual(JSON.parse(asyncApiText()))
})
