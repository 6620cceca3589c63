import MiniSearch, { type Options } from 'minisearch'
import { beforeAll, expect, it } from 'vitest'
import { prepare } from '../compose.ts'
import { serverSite } from './server-site.ts'

interface ContractEntry {
  readonly id: string
  readonly key: string
  readonly words: string
  readonly tags: string
  readonly fields: string
}
interface ArticleEntry {
  readonly id: string
  readonly title: string
}

let contracts: readonly ContractEntry[]
let articles: readonly ArticleEntry[]
/** The ten that the page shows. */
let shown: (text: string) => readonly string[]
const firstThree = (text: string) => shown(text).slice(0, 3)
beforeAll(async () => {
  const { registry, tracks, implementations } = await prepare([], undefined)
  const site = await serverSite({ registry, tracks, implementations, files: [], cwd: process.cwd() })
  const entries = JSON.parse(site.get('search.json') ?? '') as readonly (ContractEntry | ArticleEntry)[]
  contracts = entries.filter((entry) => 'key' in entry)
  articles = entries.filter((entry) => 'title' in entry)
  expect(contracts.length).toBe(registry.operations.length + registry.events.length)
  const [, options = '{}'] = /new MiniSearch\((.*)\)/.exec(site.get('search.js') ?? '') ?? []
  const index = new MiniSearch(JSON.parse(options) as Options)
  index.addAll(entries)
  shown = (text) =>
    index
      .search(text)
      .slice(0, 10)
      .map(({ id }) => id as string)
}, 30_000)

it('finds each contract by its name, whole or in words or its last part, among the first three', () => {
  for (const { id, key, words } of contracts)
    for (const text of [key, words, words.toLowerCase()]) expect(firstThree(text), text).toContain(id)
  for (const { key } of contracts) expectOwners(key.split('.').at(-1) ?? '')
})

it('finds each contract by each of its fields', () => {
  const fields = new Set(contracts.flatMap((entry) => split(entry.fields)))
  expect(fields.size).toBeGreaterThan(100)
  for (const field of fields) expectOwners(field)
})

it('finds each contract by each of its tags', () => {
  const tags = new Set(contracts.flatMap((entry) => split(entry.tags)))
  expect(tags.size).toBeGreaterThan(8)
  for (const tag of tags) expectOwners(tag)
})

it('finds each contract by its name with one of its fields or tags', () => {
  for (const { id, key, fields, tags } of contracts)
    for (const word of [...split(fields), ...split(tags)]) {
      const text = `${key.split('.').at(-1)} ${word}`
      expect(firstThree(text), text).toContain(id)
    }
})

it('finds each article by its title among those that are shown', () => {
  expect(articles.length).toBeGreaterThan(20)
  for (const { id, title } of articles) expect(shown(title), title).toContain(id)
})

/**
 * A contract has a word as a field, as a tag, or where a part of its name begins with it. Of up to three contracts that have one, all are among the first
 * three; where more have it, the first three are some of them.
 */
function expectOwners(word: string): void {
  const owners = contracts.filter(
    ({ key, words, fields, tags }) =>
      [...split(fields), ...split(tags)].includes(word) ||
      [...key.split('.'), ...split(words)].some((part) => part.toLowerCase().startsWith(word.toLowerCase())),
  )
  const ids = owners.map(({ id }) => id)
  const found = firstThree(word)
  if (ids.length <= 3) expect(found, word).toEqual(expect.arrayContaining(ids))
  else expect(ids, `${word}, which ${ids.length} contracts have`).toEqual(expect.arrayContaining([...found]))
  expect(found.length, word).toBeGreaterThan(0)
}

function split(words: string): string[] {
  return words.split(' ').filter((word) => word !== '')
}
