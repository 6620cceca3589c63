import type { DocsSite } from '@waymark/surface/docs'
import MiniSearch, { type Options } from 'minisearch'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepare } from '../compose.ts'
import { referenceSite } from './reference-site.ts'

let site: DocsSite
beforeAll(async () => {
  const { registry, tracks, implementations } = await prepare([], undefined)
  site = await referenceSite({ registry, tracks, implementations, files: [], cwd: process.cwd() })
}, 30_000)

it('shows of recordEvent what its contract says, once, with its place in the source', () => {
  const text = site.get('learning.onboarding.recordEvent@1.0.0.md') ?? ''
  expect(text.split('\n').slice(0, 12).join('\n')).toMatchInlineSnapshot(`
    "# learning.onboarding.recordEvent

    Record a domain event to evaluate onboarding step completion conditions.

    - Type: command
    - Version: 1.0.0
    - Stability: stable
    - Tags: learning, onboarding, events
    - Owners: learning-journey
    - File: \`packages/modules/learning-journey/src/contracts/onboarding.ts:41\`

    ## Goal"
  `)
  expect(text.match(/^## .*/gm)).toEqual(
    [
      'Goal',
      'Context',
      'Who may call',
      'Input',
      'Output',
      'How to call it',
      'Errors',
      'Emits',
      'Limits',
      'Versions',
      'Source definition',
    ].map((heading) => `## ${heading}`),
  )
  expect(text).toContain(
    "```ts\nexport const RecordOnboardingEventContract = defineCommand({\n  meta: {\n    key: 'learning.onboarding.recordEvent',",
  )
  for (const code of ['TRACK_NOT_FOUND', 'STEP_NOT_FOUND']) expect(text.split(`| \`${code}\` | 404 |`)).toHaveLength(2)
})

it('knows where each contract of Waymark is declared', () => {
  const without = [...site].filter(
    ([path, text]) => path.endsWith('.md') && /^# (learning|server)\./.test(text) && !text.includes('\n- File: '),
  )
  expect(without.map(([path]) => path)).toEqual([])
})

it('says what a command takes away', () => {
  expect(site.get('learning.onboarding.eraseLearner@1.0.0.md')).toContain('> This command ends, removes or takes back something.')
  expect(site.get('learning.onboarding.recordEvent@1.0.0.md')).not.toContain('takes back something.')
})

it('says which tracks listen to an event', () => {
  expect(site.get('deal.created@1.0.0.md')).toContain('- first-win 1.0.0')
})

it('has no label that was not translated', () => {
  for (const [path, text] of site) expect(text, path).not.toMatch(/\b\w+\.label\b|\[object /)
})

describe('the search', () => {
  interface Entry {
    readonly id: string
    readonly key: string
    readonly words: string
    readonly tags: string
    readonly fields: string
  }
  let entries: readonly Entry[]
  let search: (text: string) => readonly string[]
  beforeAll(() => {
    entries = JSON.parse(site.get('search.json') ?? '') as Entry[]
    const [, options = '{}'] = /new MiniSearch\((.*)\)/.exec(site.get('search.js') ?? '') ?? []
    const index = new MiniSearch(JSON.parse(options) as Options)
    index.addAll(entries)
    search = (text) => index.search(text).map(({ id }) => id as string)
  })

  it('finds each contract by its name, whole or its last part, among the first three', () => {
    for (const { id, key, words } of entries) {
      expect(search(key).slice(0, 3), key).toContain(id)
      expect(search(words).slice(0, 3), words).toContain(id)
    }
  })

  it('finds each contract by its name and a field or a tag among the first three', () => {
    for (const { id, key, fields, tags } of entries) {
      const last = key.split('.').at(-1)
      for (const word of [fields.split(' ')[0], tags.split(' ')[0]])
        if (word) expect(search(`${last} ${word}`).slice(0, 3), `${last} ${word}`).toContain(id)
    }
  })

  it('finds a contract by a field or a tag that few have', () => {
    const rare = (of: (entry: Entry) => string) => {
      const counts = new Map<string, string[]>()
      for (const entry of entries)
        for (const word of new Set(of(entry).split(' '))) counts.set(word, [...(counts.get(word) ?? []), entry.id])
      return [...counts].filter(([word, ids]) => word !== '' && ids.length === 1)
    }
    const words = [...rare(({ fields }) => fields), ...rare(({ tags }) => tags)]
    expect(words.length).toBeGreaterThan(20)
    for (const [word, [id]] of words) expect(search(word).slice(0, 3), word).toContain(id)
  })
})
