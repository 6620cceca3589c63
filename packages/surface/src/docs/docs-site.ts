import type { Registry } from '@waymark/contract'
import { type ContractPage, type PageContext, toContractPages } from './contract-page.ts'
import { DOCS_SCRIPT } from './docs-script.ts'
import { DOCS_STYLE } from './docs-style.ts'
import { escapeHtml, inlineCode } from './html-text.ts'
import { LABELS, type Labels } from './labels.ts'
import { breakable, toHtml } from './to-html.ts'
import { toMarkdown } from './to-markdown.ts'

export interface DocsOptions extends PageContext {
  /** Of the site; `Waymark` when absent. */
  readonly title?: string
  /** The text of MiniSearch as an ES module. Without it the site has no search. */
  readonly searchModule?: string
}

/** The files of a site: the path of each below the site, and its text. */
export type DocsSite = ReadonlyMap<string, string>

type Locale = keyof typeof LABELS
const LOCALES = Object.keys(LABELS) as readonly Locale[]
const [DEFAULT] = LOCALES

/**
 * The reference of all contracts of a registry: a page for each in every language, a Markdown twin of the default one, `llms.txt`, and
 * what the search needs. Pages are whole without JavaScript.
 */
export function toDocsSite(registry: Registry, options: DocsOptions = {}): DocsSite {
  const { title = 'Waymark', searchModule } = options
  const pages = toContractPages(registry, options)
  const files = new Map<string, string>()
  for (const locale of LOCALES) {
    const site: Site = { title, pages, locale, hasSearch: searchModule !== undefined }
    const folder = folderOf(locale)
    files.set(`${folder}index.html`, layout(site, 'index', LABELS[locale].reference, indexHtml(site)))
    for (const page of pages)
      files.set(`${folder}${page.slug}.html`, layout(site, page.slug, page.meta.key, toHtml(page, LABELS[locale])))
  }
  for (const page of pages) files.set(`${page.slug}.md`, toMarkdown(page, LABELS.en))
  files.set('llms.txt', toLlmsText(title, pages))
  files.set('style.css', DOCS_STYLE)
  if (searchModule !== undefined) {
    files.set('minisearch.js', searchModule)
    files.set('search.js', DOCS_SCRIPT)
    files.set('search.json', JSON.stringify(pages.map(toSearchEntry)))
  }
  return files
}

interface Site {
  readonly title: string
  readonly pages: readonly ContractPage[]
  readonly locale: Locale
  readonly hasSearch: boolean
}

function folderOf(locale: Locale): string {
  return locale === DEFAULT ? '' : `${locale}/`
}

function layout({ title, pages, locale, hasSearch }: Site, slug: string, heading: string, main: string): string {
  const labels = LABELS[locale]
  const root = locale === DEFAULT ? '' : '../'
  const languages = LOCALES.map((other) => {
    const current = other === locale ? ' aria-current="true"' : ''
    return `<a href="${root}${folderOf(other)}${slug}.html" lang="${other}" hreflang="${other}"${current}>${escapeHtml(LABELS[other].language)}</a>`
  })
  const search = hasSearch
    ? `<search><label>${escapeHtml(labels.search)} <input type="search" id="search" autocomplete="off" dir="ltr"></label><ul id="results" aria-live="polite" data-none="${escapeHtml(labels.noResults)}" hidden></ul></search>`
    : ''
  const script = hasSearch
    ? `<script type="module" src="${root}search.js" data-root="${root}" data-copy="${escapeHtml(labels.copy)}" data-copied="${escapeHtml(labels.copied)}"></script>`
    : ''
  return `<!doctype html>
<html lang="${locale}" dir="${labels.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(heading)} · ${escapeHtml(title)}</title>
<link rel="stylesheet" href="${root}style.css">
${slug === 'index' ? '' : `<link rel="alternate" type="text/markdown" href="${root}${slug}.md">\n`}${script}
</head>
<body>
<a class="skip" href="#main">${escapeHtml(labels.skip)}</a>
<header><a class="title" href="index.html">${escapeHtml(title)}</a>${search}<nav class="languages" aria-label="${escapeHtml(labels.languages)}">${languages.join(' ')}</nav></header>
<div class="columns">
<nav class="contracts" aria-label="${escapeHtml(labels.contracts)}">${navigation(pages, labels, slug)}</nav>
<main id="main">
${main}
</main>
</div>
</body>
</html>
`
}

const KINDS = [
  ['command', 'commands'],
  ['query', 'queries'],
  ['event', 'events'],
] as const

function navigation(pages: readonly ContractPage[], labels: Labels, slug: string): string {
  return KINDS.map(([kind, name]) => {
    const links = pages
      .filter((page) => page.kind === kind)
      .map((page) => {
        const version = page.versions.length > 1 ? ` ${page.meta.version}` : ''
        const current = page.slug === slug ? ' aria-current="page"' : ''
        return `<li><a href="${page.slug}.html"${current} dir="ltr">${breakable(page.meta.key)}${version}</a></li>`
      })
    return links.length === 0 ? '' : `<h2>${escapeHtml(labels[name])}</h2><ul>${links.join('')}</ul>`
  }).join('\n')
}

function indexHtml({ pages, locale }: Site): string {
  const labels = LABELS[locale]
  const lists = KINDS.map(([kind, name]) => {
    const own = pages.filter((page) => page.kind === kind)
    if (own.length === 0) return ''
    const rows = own.map(
      ({ slug, meta }) =>
        `<dt><a href="${slug}.html" dir="ltr">${breakable(meta.key)}</a> ${escapeHtml(meta.version)}</dt><dd>${inlineCode(meta.description)}</dd>`,
    )
    return `<h2 id="${name}"><a href="#${name}">${escapeHtml(labels[name])}</a></h2><dl class="index">${rows.join('')}</dl>`
  })
  return `<h1>${escapeHtml(labels.reference)}</h1>\n${lists.join('\n')}`
}

/** @see https://llmstxt.org */
function toLlmsText(title: string, pages: readonly ContractPage[]): string {
  const lines = KINDS.flatMap(([kind, name]) => [
    `## ${LABELS.en[name]}`,
    '',
    ...pages
      .filter((page) => page.kind === kind)
      .map(({ slug, id, meta }) => `- [${id}](${slug}.md): ${meta.description.replaceAll('\n', ' ')}`),
    '',
  ])
  return [`# ${title}`, '', `> ${LABELS.en.reference}: ${LABELS.en.contracts.toLowerCase()} of ${title}.`, '', ...lines].join(
    '\n',
  )
}

function toSearchEntry(page: ContractPage) {
  const rows = page.kind === 'event' ? page.payload : [...page.input, ...page.output]
  const { key, version, description, tags } = page.meta
  return {
    id: page.slug,
    key,
    // `recordEvent` is found by `record` and by `event`.
    words: key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('.', ' '),
    version,
    description,
    tags: tags.join(' '),
    fields: [...new Set(rows.flatMap(({ path }) => path.split(/[.[\]*]+/)))].filter((name) => name !== '').join(' '),
  }
}
