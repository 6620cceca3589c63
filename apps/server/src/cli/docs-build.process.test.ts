import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLinks } from '../../test-support/broken-links.ts'
import { tempFolder } from '../../test-support/temp-folder.ts'
import { waymark } from '../../test-support/waymark.ts'

const MODULE = `import { defineCommand, defineEvent, defineModule, implement } from '@waymark/contract'
import { z } from 'zod'

const meta = { version: '1.0.0', stability: 'stable', owners: ['library'], tags: ['books'] } as const

export const BookLent = defineEvent({
  meta: { ...meta, key: 'book.lent', description: 'Somebody lent a book.' },
  payload: z.object({ isbn: z.string() }),
})

export const Lend = defineCommand({
  meta: { ...meta, key: 'library.lend', description: 'Lends a book.' },
  io: { input: z.object({ isbn: z.string() }), output: z.object({ lent: z.boolean() }) },
  policy: { auth: 'service' },
  emits: [BookLent],
})

const library = defineModule({ key: 'library', contracts: [BookLent, Lend] })
export default implement(library)
  .handlers({ 'library.lend': async () => ({ lent: true }) })
  .on({ 'book.lent': async () => {} })
`
const PAGES = {
  'docs/tutorial/first-book.md': '# Your first book\n\nThen see [how to lend](../guides/lend.md#at-once) it.\n',
  'docs/guides/lend.md':
    '# How to lend\n\n## At once\n\nWith [the rules](../reference/rules.json) and [the code](../../waymark/library.ts).\n',
  'docs/reference/rules.json': '{}',
  'docs/why.md': '# Why books\n',
}

describe('docs build', () => {
  it('writes the reference of the modules at hand, with their place, beside the pages of a folder', async () => {
    const cwd = tempFolder({ 'waymark/library.ts': MODULE, ...PAGES })
    const { code, stdout, stderr } = await waymark(
      ['docs', 'build', '--out', 'public', '--title', 'Library', '--pages', 'docs', '--json'],
      { cwd },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const files = globSync('**/*.*', { cwd: join(cwd, 'public') })
    expect(JSON.parse(stdout)).toEqual({ folder: join(cwd, 'public'), files: files.length })
    const site = new Map(files.map((file) => [file, readFileSync(join(cwd, 'public', file), 'utf8')]))
    expect(brokenLinks(site)).toEqual([])
    expect(site.get('library.lend@1.0.0.md')).toContain('- File: `waymark/library.ts:11`')
    expect(site.get('library.lend@1.0.0.md')).toContain('- [book.lent@1.0.0](book.lent@1.0.0.md) (Handled by: `library`)')
    expect(site.get('de/index.html')).toContain('<title>Dokumentation · Library</title>')
    for (const [name, kind] of [
      ['Tutorial', 'tutorial/first-book'],
      ['Guides', 'guides/lend'],
      ['Explanation', 'why'],
    ])
      expect(site.get('index.html')).toMatch(new RegExp(`<h2>${name}</h2><ul><li><a href="${kind}.html"`))
    expect(site.has('tutorial/first-track.html')).toBe(false)
  })

  it('says which links of the pages lead nowhere, and writes nothing', async () => {
    const cwd = tempFolder({ 'waymark/library.ts': MODULE, 'docs/guides/lend.md': '# Lend\n\n[a](nothing.md)\n' })
    const { code, stderr } = await waymark(['docs', 'build', '--pages', 'docs'], { cwd })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'docs/guides/lend.md: the link nothing.md leads to no page. Expected a path from guides/ to one of the pages.\n',
    })
    expect(globSync('reference/**', { cwd })).toEqual([])
  })

  it('says which examples their contract refuses', async () => {
    const examples = `examples: [{ title: 'Lends.', input: { isbn: 1 as never } }],`
    const module = MODULE.replace(`key: 'library.lend',`, `key: 'library.lend', ${examples}`)
    const { code, stderr } = await waymark(['docs', 'build'], { cwd: tempFolder({ 'waymark/library.ts': module }) })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('The input of the example "Lends." of library.lend@1.0.0 is refused at /isbn: '),
    })
  })

  it('says that there is no such folder of pages', async () => {
    const { code, stderr } = await waymark(['docs', 'build', '--pages', 'pages'], {
      cwd: tempFolder({ 'waymark/library.ts': MODULE }),
    })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('There is no folder pages.') })
  })
})
