import { describe, expect, it } from 'vitest'
import { registry } from '../../test-support/fixture.ts'
import { operationCommands, toKebab } from './operation-command.ts'

const commands = operationCommands(registry)
const command = (words: string) => {
  const found = commands.find((candidate) => candidate.words.join(' ') === words)
  if (found === undefined) throw new Error(`There is no command ${words}.`)
  return found
}

describe('the commands of operations', () => {
  it('have the words of their keys, and say a later major', () => {
    expect(commands.map(({ words }) => words.join(' '))).toEqual([
      'learning onboarding ingest',
      'shop admin break',
      'shop catalog search',
      'shop orders cancel-v0',
      'shop orders cancel',
      'shop orders cancel-v2',
      'shop orders list',
      'shop orders place',
      'shop orders touch',
      'shop orders watch',
      'shop tree list',
      'shop tree save',
    ])
    expect(['recordEvent', 'bulkURLImport', 'a2B', 'plain'].map(toKebab)).toEqual([
      'record-event',
      'bulk-url-import',
      'a2-b',
      'plain',
    ])
  })

  it('say how the operation answers', () => {
    const answers = ['shop orders place', 'shop orders list', 'shop orders watch'].map((words) => command(words).answers)
    expect(answers).toEqual(['once', 'in pages', 'as a stream'])
  })

  it('have a flag for each field, with what it takes', () => {
    const flags = command('shop catalog search').flags.map(({ name, kind, hint, description }) => [name, kind, hint, description])
    expect(flags).toEqual(
      expect.arrayContaining([
        ['text', 'value', 'text', '(required)'],
        ['count', 'value', 'number', 'How many.'],
        ['in-stock', 'switch', '', ''],
        ['tags', 'list', 'text', ''],
        ['mode', 'value', 'exact|fuzzy', ''],
        ['filter', 'value', 'json', ''],
      ]),
    )
    expect(command('shop orders list').flags.map(({ field }) => field)).toEqual(['learnerId', 'cursor', 'limit'])
    expect(command('shop orders place').flags).toMatchObject([
      { field: 'learnerId' },
      { field: 'items', kind: 'list', hint: 'json' },
    ])
  })

  it('read flags as the contract wants them', () => {
    const { read } = command('shop catalog search')
    const values = {
      text: '5',
      count: '5',
      inStock: false,
      tags: ['a,b', 'c'],
      sizes: ['1'],
      filter: '{"from":"x"}',
      limit: 'null',
    }
    expect(read(values)).toMatchObject({
      ok: true,
      input: { text: '5', count: 5, inStock: false, tags: ['a,b', 'c'], sizes: [1], filter: { from: 'x' }, limit: null },
    })
    expect(command('shop orders place').read({ items: ['{"sku":"tea","count":1}'] })).toMatchObject({
      input: { items: [{ sku: 'tea', count: 1 }] },
    })
  })

  it('leave what they cannot read to the contract, which says what is wrong with it', () => {
    expect(command('shop catalog search').read({ count: 'many', filter: '{' })).toMatchObject({
      ok: true,
      input: { count: 'many', filter: '{' },
    })
  })
})
