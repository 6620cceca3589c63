import type { Registry } from '@waymark/contract'
import { ARTICLE_KINDS, type Article } from './article.ts'
import { type ContractPage, type PageContext, toContractPages } from './contract-page.ts'
import { DOCS_SCRIPT } from './docs-script.ts'
import { DOCS_STYLE } from './docs-style.ts'
import { escapeHtml, inlineCode } from './html-text.ts'
import { LABELS } from './labels.ts'
import { breakable, toHtml } from './to-html.ts'
import { toMarkdown } from './to-markdown.ts'

export interface DocsOptions extends PageContext {
  /** Of the site; `Waymark` when absent. */
  readonly title?: string
  /** The text of MiniSearch as an ES module. Without it the site has no search. */
  readonly searchModule?: string
  /** Pages that somebody wrote, in English, beside those of contracts. */
  readonly articles?: readonly Article[]
}

/** The files of a site: the path of each below the site, and its text. */
export type DocsSite = ReadonlyMap<string, string>

type Locale = keyof typeof LABELS
const LOCALES = Object.keys(LABELS) as readonly Locale[]
const [DEFAULT] = LOCALES

/**
 * The documentation of a registry: a page for each contract in every language, and each article with the labels of every language; a
 * Markdown twin of each, `llms.txt`, and what the search needs. Pages are whole without JavaScript.
 */
export function toDocsSite(registry: Registry, options: DocsOptions = {}): DocsSite {
  const { title = 'Waymark', searchModule, articles = [] } = options
  const pages = toContractPages(registry, options)
  const files = new Map<string, string>()
  for (const locale of LOCALES) {
    const site: Site = { title, pages, articles, locale, hasSearch: searchModule !== undefined, navigations: new Map() }
    const folder = folderOf(locale)
    files.set(`${folder}index.html`, layout(site, 'index', headingOf(site), indexHtml(site)))
    for (const page of pages)
      files.set(`${folder}${page.slug}.html`, layout(site, page.slug, page.meta.key, toHtml(page, LABELS[locale])))
    for (const article of articles)
      files.set(`${folder}${article.slug}.html`, layout(site, article.slug, article.title, written(site, article.html)))
  }
  for (const { slug, markdown } of articles) files.set(`${slug}.md`, markdown)
  for (const page of pages) files.set(`${page.slug}.md`, toMarkdown(page, LABELS.en))
  files.set('llms.txt', toLlmsText(title, pages, articles))
  files.set('style.css', DOCS_STYLE)
  if (searchModule !== undefined) {
    files.set('minisearch.js', searchModule)
    files.set('search.js', DOCS_SCRIPT)
    files.set('search.json', JSON.stringify([...pages.map(toSearchEntry), ...articles.map(toArticleEntry)]))
  }
  return files
}

interface Site {
  readonly title: string
  readonly pages: readonly ContractPage[]
  readonly articles: readonly Article[]
  readonly locale: Locale
  readonly hasSearch: boolean
  /** By where the start of the language is, seen from a page: the same for hundreds of pages. */
  readonly navigations: Map<string, string>
}

function folderOf(locale: Locale): string {
  return locale === DEFAULT ? '' : `${locale}/`
}

/** What is written in English, on a page of another language too. */
function written({ locale }: Site, html: string): string {
  return locale === 'en' ? html : `<div lang="en" dir="ltr">${html}</div>`
}

function headingOf({ articles, locale }: Site): string {
  return articles.length === 0 ? LABELS[locale].reference : LABELS[locale].documentation
}

function layout(site: Site, slug: string, heading: string, main: string): string {
  const { title, locale, hasSearch } = site
  const labels = LABELS[locale]
  // Where the start of this language is, and where the site is, seen from the page.
  const base = '../'.repeat(slug.split('/').length - 1)
  const root = `${locale === DEFAULT ? '' : '../'}${base}`
  const languages = LOCALES.map((other) => {
    const current = other === locale ? ' aria-current="true"' : ''
    return `<a href="${root}${folderOf(other)}${slug}.html" lang="${other}" hreflang="${other}"${current}>${escapeHtml(LABELS[other].language)}</a>`
  })
  const search = hasSearch
    ? `<search><label>${escapeHtml(labels.search)} <input type="search" id="site-search" autocomplete="off" dir="ltr"></label><ul id="site-results" aria-live="polite" data-none="${escapeHtml(labels.noResults)}" hidden></ul></search>`
    : ''
  const script = hasSearch
    ? `<script type="module" src="${root}search.js" data-base="${base}" data-copy="${escapeHtml(labels.copy)}" data-copied="${escapeHtml(labels.copied)}"></script>`
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
<a class="skip" href="#site-main">${escapeHtml(labels.skip)}</a>
<header><a class="title" href="${base}index.html">${escapeHtml(title)}</a>${search}<nav class="languages" aria-label="${escapeHtml(labels.languages)}">${languages.join(' ')}</nav></header>
<div class="columns">
<nav class="contents" aria-label="${escapeHtml(labels.contents)}">${navigationOn(site, slug, base)}</nav>
<main id="site-main">
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

function navigationOn(site: Site, slug: string, base: string): string {
  const known = site.navigations.get(base) ?? navigation(site, base)
  site.navigations.set(base, known)
  return known.replace(`<a href="${base}${slug}.html"`, (link) => `${link} aria-current="page"`)
}

function navigation({ pages, articles, locale }: Site, base: string): string {
  const labels = LABELS[locale]
  const written = ARTICLE_KINDS.map((kind) => {
    const links = articles
      .filter((article) => article.kind === kind)
      .map((article) => `<li><a href="${base}${article.slug}.html" lang="en" dir="ltr">${escapeHtml(article.title)}</a></li>`)
    return links.length === 0 ? '' : `<h2>${escapeHtml(labels[kind])}</h2><ul>${links.join('')}</ul>`
  })
  const made = KINDS.map(([kind, name]) => {
    const links = pages
      .filter((page) => page.kind === kind)
      .map((page) => {
        const version = page.versions.length > 1 ? ` ${page.meta.version}` : ''
        return `<li><a href="${base}${page.slug}.html" dir="ltr">${breakable(page.meta.key)}${version}</a></li>`
      })
    return links.length === 0 ? '' : `<h2>${escapeHtml(labels[name])}</h2><ul>${links.join('')}</ul>`
  })
  return [...written, ...made].filter((part) => part !== '').join('\n')
}

function indexHtml(site: Site): string {
  const { pages, articles, locale } = site
  const labels = LABELS[locale]
  const written = ARTICLE_KINDS.map((kind) => {
    const own = articles.filter((article) => article.kind === kind)
    if (own.length === 0) return ''
    const rows = own.map(
      ({ slug, title, summary }) =>
        `<dt lang="en" dir="ltr"><a href="${slug}.html">${escapeHtml(title)}</a></dt><dd lang="en" dir="ltr">${escapeHtml(summary)}</dd>`,
    )
    return `<h2 id="${kind}"><a href="#${kind}">${escapeHtml(labels[kind])}</a></h2><dl class="index">${rows.join('')}</dl>`
  })
  const lists = KINDS.map(([kind, name]) => {
    const own = pages.filter((page) => page.kind === kind)
    if (own.length === 0) return ''
    const rows = own.map(
      ({ slug, meta }) =>
        `<dt><a href="${slug}.html" dir="ltr">${breakable(meta.key)}</a> ${escapeHtml(meta.version)}</dt><dd dir="auto">${inlineCode(meta.description)}</dd>`,
    )
    return `<h2 id="${name}"><a href="#${name}">${escapeHtml(labels[name])}</a></h2><dl class="index">${rows.join('')}</dl>`
  })
  return [`<h1>${escapeHtml(headingOf(site))}</h1>`, ...written, ...lists].filter((part) => part !== '').join('\n')
}

/** @see https://llmstxt.org */
function toLlmsText(title: string, pages: readonly ContractPage[], articles: readonly Article[]): string {
  const written = ARTICLE_KINDS.flatMap((kind) => {
    const own = articles.filter((article) => article.kind === kind)
    if (own.length === 0) return []
    return [`## ${LABELS.en[kind]}`, '', ...own.map(({ slug, title, summary }) => `- [${title}](${slug}.md): ${summary}`), '']
  })
  const lines = KINDS.flatMap(([kind, name]) => [
    `## ${LABELS.en[name]}`,
    '',
    ...pages
      .filter((page) => page.kind === kind)
      .map(({ slug, id, meta }) => `- [${id}](${slug}.md): ${meta.description.replaceAll('\n', ' ')}`),
    '',
  ])
  return [
    `# ${title}`,
    '',
    `> ${LABELS.en.reference}: ${LABELS.en.contracts.toLowerCase()} of ${title}.`,
    '',
    ...written,
    ...lines,
  ].join('\n')
}

function toArticleEntry({ slug, title, summary, headings }: Article) {
  return { id: slug, title, headings: headings.join(' '), description: summary }
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
