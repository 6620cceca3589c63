import { describe, expect, it } from 'vitest'
import { loadOwnDocs } from './own-docs.ts'
import { toArticles } from './to-articles.ts'

const GUIDE = `# Send \`events\`

See [the server](../reference/server.md#two--three), [the code](../../src/main.ts) and [us](https://example.com/).
More.

## Twice

\`\`\`ts no-run
const a = '<b>'
\`\`\`

## Twice

| a | b |
| --- | --- |
| \`x \\| y\` | [z](#twice-1) |

<script>alert(1)</script>
`
const SERVER = '# Server\n\nServes.\n\n## Two & three\n'
const pages = (guide: string, more: Readonly<Record<string, string>> = {}) =>
  new Map([['guides/send.md', guide], ['reference/server.md', SERVER], ...Object.entries(more)])

describe('an article', () => {
  const { articles, problems } = toArticles(
    pages(GUIDE, { 'notes.md': '# Notes', 'decisions/1.md': '# One', 'decisions/README.md': '# Decisions' }),
  )
  const [guide] = articles

  it('is of the kind that its folder says, in its place, and has the title, the first sentences and the headings of the page', () => {
    expect(problems).toEqual([])
    expect(articles.map(({ slug, kind }) => [slug, kind])).toEqual([
      ['guides/send', 'guides'],
      ['reference/server', 'reference'],
      ['decisions/README', 'explanation'],
      ['decisions/1', 'explanation'],
      ['notes', 'explanation'],
    ])
    expect(guide).toMatchObject({
      title: 'Send events',
      summary: 'See the server, the code and us. More.',
      headings: ['Twice', 'Twice'],
    })
  })

  it('has anchors as Markdown hosts make them, and links to pages of the site', () => {
    expect(guide?.html.match(/ id="[^"]+"/g)).toEqual([' id="send-events"', ' id="twice"', ' id="twice-1"'])
    expect(guide?.html).toContain('<a href="../reference/server.html#two--three">the server</a>')
    expect(guide?.html).toContain('<a href="https://example.com/">us</a>')
  })

  it('says the text alone of a link that leaves its folder, in Markdown too', () => {
    expect(guide?.html).toContain(', the code and ')
    expect(guide?.markdown).toContain('[the server](../reference/server.md#two--three), the code and [us](https://example.com/)')
  })

  it('shows code, tables and HTML as they are written, and runs nothing', () => {
    expect(guide?.html).toContain('<span class="word">const</span> a = <span class="text">&#39;&lt;b&gt;&#39;</span>')
    expect(guide?.html).toContain('<th scope="col">a</th>')
    expect(guide?.html).toContain('<td><a href="#twice-1">z</a></td>')
    expect(guide?.html).not.toContain('<script')
  })
})

describe('what is wrong with a page', () => {
  it.each([
    [
      'a link to no page',
      '# A\n\n[b](b.md)',
      'guides/send.md: the link b.md leads to no page. Expected a path from guides/ to one of the pages.',
    ],
    [
      'a link to no heading',
      '# A\n\n[b](../reference/server.md#four)',
      'guides/send.md: the link ../reference/server.md#four names no heading of reference/server.md. It has: server, two--three.',
    ],
    [
      'a link that runs something',
      '# A\n\n[b](javascript:alert(1))',
      'guides/send.md: the link javascript:alert(1) leads to no page.',
    ],
    ['no title', 'A', 'guides/send.md: the page has no title. Begin it with a line such as "# How to …".'],
  ])('%s is said with its file', (_, text, problem) => {
    expect(toArticles(pages(text)).problems).toEqual([expect.stringContaining(problem)])
  })

  it('is a name that is no address', () => {
    expect(toArticles(new Map([['guides/a & b.md', '# A']])).problems).toEqual([
      'guides/a & b.md: the name of a page is its address. Expected letters, digits, dots, dashes and underscores.',
    ])
  })

  it('is not a link to a file that is beside the pages', () => {
    expect(toArticles(pages('# A\n\n[b](b.json)'), new Set(['guides/b.json'])).problems).toEqual([])
  })
})

it('has nothing to say about the pages of Waymark, which are of all four kinds', async () => {
  const { pages } = await loadOwnDocs()
  const made = ['openapi.json', 'asyncapi.json', 'mcp-tools.json', 'client.ts', 'schema.graphql']
  const { articles, problems } = toArticles(pages, new Set(made.map((name) => `reference/generated/${name}`)))
  expect(problems).toEqual([])
  expect(new Set(articles.map(({ kind }) => kind))).toEqual(new Set(['tutorial', 'guides', 'reference', 'explanation']))
})
