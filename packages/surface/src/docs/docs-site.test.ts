import { expect, it } from 'vitest'
import { registry } from '../../test-support/fixture.ts'
import { decodeMessage } from '../bus/cloud-event-codec.ts'
import { toContractPages } from './contract-page.ts'
import { toDocsSite } from './docs-site.ts'
import { LABELS } from './labels.ts'

const source = { file: 'shop/orders.ts', line: 7, code: "export const Place = defineCommand({ /* a < b */ key: 'shop' })" }
const article = {
  kind: 'guides' as const,
  slug: 'guides/sell',
  title: 'Sell & earn',
  summary: 'How to sell.',
  headings: ['Prices'],
  html: '<h1 id="sell">Sell</h1><h2 id="search">Search</h2><p><a href="../shop.orders.place@1.0.0.html">place</a></p>',
  markdown: '# Sell & earn',
}
const site = toDocsSite(registry, {
  articles: [article],
  title: 'Shop & Co',
  searchModule: 'export default class {}',
  sources: new Map([['shop.orders.place@1.0.0', source]]),
  consumers: [
    { module: 'mail', name: 'order.placed@1' },
    { module: 'stock', name: 'order.placed' },
  ],
  tracks: [{ key: 'first-order', version: '1.0.0', events: ['order.placed'] }],
})
const html = (name: string) => site.get(`${name}.html`) ?? ''

it('has a page for every contract in every language, and a Markdown twin', () => {
  const pages = toContractPages(registry)
  expect(pages.length).toBe(registry.operations.length + registry.events.length)
  for (const { slug } of pages)
    for (const name of [`${slug}.html`, `de/${slug}.html`, `ar/${slug}.html`, `${slug}.md`])
      expect(site.has(name), name).toBe(true)
})

it('links only to what is there, and names every place once', () => {
  for (const [path, text] of site) {
    if (!path.endsWith('.html')) continue
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string)
    expect(new Set(ids).size, path).toBe(ids.length)
    for (const [, target = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      const { pathname, hash } = new URL(target, `http://docs.test/${path}`)
      if (hash !== '' && pathname === `/${path}`) expect(ids, `${path} → ${target}`).toContain(decodeURIComponent(hash.slice(1)))
      else expect(site.has(decodeURIComponent(pathname.slice(1))), `${path} → ${target}`).toBe(true)
    }
  }
})

it('shows everything that a contract says, in the language of the page', () => {
  const page = html('shop.orders.place@1.0.0')
  for (const text of [
    'Sell.',
    'At the checkout.',
    'items[].<wbr>sku',
    'OUT_OF_STOCK',
    'An item is sold out',
    'order.<wbr>placed@1.<wbr>0.<wbr>0',
    '2000',
    'shop/orders.ts:7',
    '/* a &lt; b */',
    'shopOrdersPlace',
  ])
    expect(page).toContain(text)
  expect(page).toContain('<html lang="en" dir="ltr">')
  const arabic = site.get('ar/shop.orders.place@1.0.0.html') ?? ''
  expect(arabic).toContain('<html lang="ar" dir="rtl">')
  expect(arabic).toContain(LABELS.ar.remedies.VALIDATION_FAILED?.split('`')[0])
  expect(arabic).not.toContain(LABELS.en.caller)
})

it('has the pages that somebody wrote with the labels of each language, marked as English', () => {
  expect(site.get('guides/sell.md')).toBe('# Sell & earn')
  expect(html('guides/sell')).toContain(`<main id="site-main">\n${article.html}\n</main>`)
  const arabic = html('ar/guides/sell')
  expect(arabic).toContain(`<div lang="en" dir="ltr">${article.html}</div>`)
  expect(arabic).toContain(`<h2>${LABELS.ar.guides}</h2>`)
  expect(arabic).toContain('<link rel="stylesheet" href="../../style.css">')
  expect(arabic).toContain('<a href="../guides/sell.html" aria-current="page" lang="en" dir="ltr">Sell &amp; earn</a>')
  expect(html('index')).toContain('<h2 id="guides"><a href="#guides">Guides</a></h2>')
  expect(site.get('llms.txt')).toContain('## Guides\n\n- [Sell & earn](guides/sell.md): How to sell.')
  expect(JSON.parse(site.get('search.json') ?? '')).toContainEqual({
    id: 'guides/sell',
    title: 'Sell & earn',
    headings: 'Prices',
    description: 'How to sell.',
  })
})

it('marks in the contents of each page the page itself', () => {
  for (const [path, text] of site) {
    if (!path.endsWith('.html')) continue
    const marked = [...text.matchAll(/<a href="([^"]+)" aria-current="page"/g)].map(
      ([, href = '']) => new URL(href, `http://docs.test/${path}`),
    )
    expect(
      marked.map(({ pathname }) => decodeURIComponent(pathname)),
      path,
    ).toEqual(path.endsWith('index.html') ? [] : [`/${path}`])
  }
})

it('says what is deprecated, since when, and what comes after it', () => {
  expect(html('shop.orders.cancel@1.0.0')).toContain(
    'Deprecated since 2026-01-01, switched off on 2027-01-01T00:00:00Z; its successor is <a href="shop.orders.cancel@2.0.0.html"',
  )
})

it('says of an event who emits it and which tracks listen', () => {
  const page = html('order.placed@1.0.0')
  expect(page).toContain('<a href="shop.orders.place@1.0.0.html"')
  expect(page).toContain('first-order 1.0.0')
})

it('shows the examples of a contract with what they answer, and calls it with the first that is answered', () => {
  const text = site.get('shop.orders.place@1.0.0.md') ?? ''
  const [, examples = ''] = /## Examples\n\n(.*?)\n\n## How to call it/s.exec(text) ?? []
  expect(examples.split(/```(?:json)?/).map((part) => part.trim())).toEqual([
    '### A `rare` one is sold out.',
    expect.stringContaining('"rare"'),
    'It is refused with `OUT_OF_STOCK`.\n\n### Two of one.',
    expect.stringContaining('"count": 2'),
    'The answer:',
    expect.stringContaining('"order-1"'),
    '',
  ])
  expect(html('shop.orders.place@1.0.0')).toContain('<h3 id="example-2"><a href="#example-2">Two of one.</a></h3>')
  expect(text).toContain(`-d '{"learnerId":"bo","items":[{"sku":"tea","count":2}]}'`)
})

it('says which modules handle an event: a name without a major is the latest one', () => {
  expect(site.get('order.placed@1.0.0.md')).toContain('## Handled by\n\n- `mail`\n\n')
  expect(site.get('order.placed@2.0.0.md')).toContain('## Handled by\n\n- `stock`\n\n')
  expect(site.get('shop.orders.place@1.0.0.md')).toContain('- [order.placed@1.0.0](order.placed@1.0.0.md) (Handled by: `mail`)')
})

it('shows the message of an event as a consumer of the bus reads it', () => {
  const [, text = ''] = /Bus:\n\n```text\n(.*?)\n```/s.exec(site.get('order.placed@2.0.0.md') ?? '') ?? []
  const [head = '', body = ''] = text.split('\n\n')
  const headers = Object.fromEntries(head.split('\n').map((line) => line.split(/: (.*)/)))
  expect(headers.subject).toBe('order.placed.v2')
  expect(decodeMessage({ headers, body: new TextEncoder().encode(body) })).toEqual({
    ok: true,
    events: [expect.objectContaining({ type: 'order.placed.v2', learnerid: 'ada', data: { order: { id: 'id', total: 1 } } })],
  })
})

it('shows an event that a command emits with the channel of those, and a fact with its own', () => {
  const shown = (facts: ReadonlySet<string>) => toDocsSite(registry, { searchModule: '', facts }).get('order.placed@1.0.0.md')
  expect(shown(new Set())).toContain('ce-channel: emit')
  expect(shown(new Set(['order.placed']))).toContain('ce-channel: fact')
})

it('escapes what contracts say', () => {
  expect(html('index')).toContain('Shop &amp; Co')
  for (const [path, text] of site) if (path.endsWith('.html')) expect(text, path).not.toMatch(/undefined|\[object/)
})

it('lists all pages for language models', () => {
  const text = site.get('llms.txt') ?? ''
  for (const { id, slug } of toContractPages(registry)) expect(text).toContain(`- [${id}](${slug}.md): `)
})

it('has no script where there is no search', () => {
  const plain = toDocsSite(registry)
  expect([...plain.keys()].filter((path) => /\.(js|json)$/.test(path))).toEqual([])
  expect(plain.get('index.html')).not.toContain('<script')
})

it('has every label in every language', () => {
  const keysOf = (value: object): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' ? keysOf(inner).map((more) => `${key}.${more}`) : [key],
    )
  for (const labels of Object.values(LABELS)) {
    expect(keysOf(labels)).toEqual(keysOf(LABELS.en))
    expect(Object.values(labels).every((text) => text !== '')).toBe(true)
  }
})
