import { posix } from 'node:path'
import { ARTICLE_KINDS, type Article, type ArticleKind, codeHtml, escapeHtml, tableHtml } from '@waymark/surface/docs'
import { Marked, type Token, type Tokens } from 'marked'
import { headingSlug } from './heading-slug.ts'

export interface Articles {
  readonly articles: readonly Article[]
  /** Links that lead nowhere, pages without a title, and names that are no address; each names its file. */
  readonly problems: readonly string[]
}

/**
 * Pages of Markdown as articles of a site. The first folder of a page says its kind: `tutorial`, `guides`, `reference`; all others are
 * explanation.
 * @param pages by their path in one folder, e.g. `guides/first.md`. A link to a file that is not among them but inside the folder is a
 * problem; one that leaves the folder is shown as its text.
 * @param others files beside the pages, to which links lead from the text of a page but not from the site.
 */
export function toArticles(pages: ReadonlyMap<string, string>, others: ReadonlySet<string> = new Set()): Articles {
  const parsed = [...pages].map(([path, text]) => parse(path, text)).sort((a, b) => (rankOf(a.path) < rankOf(b.path) ? -1 : 1))
  const anchors = new Map(parsed.map(({ path, ids }) => [path, new Set(ids.values())]))
  const problems = parsed.flatMap((page) => [
    ...(page.title === '' ? [`${page.path}: the page has no title. Begin it with a line such as "# How to …".`] : []),
    ...(/^[\p{L}\p{N}_./-]+$/u.test(page.path)
      ? []
      : [`${page.path}: the name of a page is its address. Expected letters, digits, dots, dashes and underscores.`]),
    ...page.links.flatMap((link) => problemOf(link, page.path, anchors, others)),
  ])
  return { articles: parsed.map((page) => toArticle(page, anchors)), problems }
}

/** The kind that the first folder of a page is named after. */
function kindOf(path: string): ArticleKind | undefined {
  return ARTICLE_KINDS.find((kind) => path.startsWith(`${kind}/`))
}

/** Pages in a folder of their kind come first, and the README of a folder before the others in it. */
function rankOf(path: string): string {
  return `${kindOf(path) === undefined ? 1 : 0}${path.replace(/(^|\/)README\.md$/, '$1')}`
}

interface ParsedPage {
  readonly path: string
  readonly text: string
  readonly tokens: readonly Token[]
  readonly title: string
  readonly summary: string
  /** The anchor of each heading. */
  readonly ids: ReadonlyMap<Token, string>
  readonly links: readonly Tokens.Link[]
}

function parse(path: string, text: string): ParsedPage {
  const marked = new Marked({ gfm: true })
  const tokens = marked.lexer(text)
  const ids = new Map<Token, string>()
  const taken = new Set<string>()
  const links: Tokens.Link[] = []
  marked.walkTokens(tokens, (token) => {
    if (token.type === 'heading') ids.set(token, headingSlug(token.text, taken))
    if (token.type === 'link') links.push(token as Tokens.Link)
  })
  const title = tokens.find((token): token is Tokens.Heading => token.type === 'heading' && token.depth === 1)
  const first = tokens.find((token): token is Tokens.Paragraph => token.type === 'paragraph')
  return { path, text, tokens, title: plain(title?.text ?? ''), summary: plain(first?.text ?? ''), ids, links }
}

/** The text of inline Markdown, without its marks. */
function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll('\n', ' ')
}

type Anchors = ReadonlyMap<string, ReadonlySet<string>>

/** Where a link leads, seen from the page that it is on. */
function targetOf(href: string, path: string, anchors: Anchors) {
  if (/^(https?:|mailto:|\/)/i.test(href)) return { kind: 'elsewhere' as const }
  const [file = '', anchor] = href.split('#')
  const target = file === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(file))
  const known = anchors.get(target)
  return known === undefined ? { kind: 'outside' as const, target } : { kind: 'page' as const, target, anchor, known }
}

function problemOf({ href }: Tokens.Link, path: string, anchors: Anchors, others: ReadonlySet<string>): string[] {
  const found = targetOf(href, path, anchors)
  if (found.kind === 'elsewhere') return []
  if (found.kind === 'outside')
    return found.target.startsWith('..') || others.has(found.target)
      ? []
      : [`${path}: the link ${href} leads to no page. Expected a path from ${posix.dirname(path)}/ to one of the pages.`]
  return found.anchor === undefined || found.known.has(found.anchor)
    ? []
    : [`${path}: the link ${href} names no heading of ${found.target}. It has: ${[...found.known].join(', ')}.`]
}

function toArticle(page: ParsedPage, anchors: Anchors): Article {
  const { path, text, tokens, title, summary, ids, links } = page
  const isOutside = (href: string) => targetOf(href, path, anchors).kind === 'outside'
  const withoutOutside = links
    .filter(({ href }) => isOutside(href))
    .reduce((markdown, link) => markdown.replaceAll(link.raw, link.text), text)
  return {
    kind: kindOf(path) ?? 'explanation',
    slug: path.replace(/\.md$/, ''),
    title,
    summary,
    headings: [...ids.keys()].flatMap((token) => (token.type === 'heading' && token.depth > 1 ? [plain(token.text)] : [])),
    html: renderer(ids, (href) => (isOutside(href) ? undefined : href.replace(/\.md(?=#|$)/, '.html'))).parser([...tokens]),
    markdown: withoutOutside,
  }
}

/** @param toHref of a link as it is written; undefined where only its text is shown. */
function renderer(ids: ReadonlyMap<Token, string>, toHref: (href: string) => string | undefined): Marked {
  let heading = ''
  return new Marked({
    gfm: true,
    renderer: {
      heading(token) {
        const { tokens, depth } = token
        const inner = this.parser.parseInline(tokens)
        const id = escapeHtml(ids.get(token) ?? '')
        heading = plain(token.text)
        return `<h${depth} id="${id}">${inner.includes('<a ') || depth === 1 ? inner : `<a href="#${id}">${inner}</a>`}</h${depth}>\n`
      },
      code: ({ text, lang = '' }) => `${codeHtml(text, lang.split(' ')[0] ?? '')}\n`,
      codespan: ({ text }) => `<code>${escapeHtml(text)}</code>`,
      // What a page says in HTML is shown as it is written: nothing in it can load or run.
      html: ({ text }) => escapeHtml(text),
      image: ({ text }) => escapeHtml(text),
      link({ href, tokens }) {
        const target = toHref(href)
        const inner = this.parser.parseInline(tokens)
        return target === undefined ? inner : `<a href="${escapeHtml(target)}">${inner}</a>`
      },
      table({ header, rows }) {
        const cells = (row: readonly Tokens.TableCell[]) => row.map(({ tokens }) => this.parser.parseInline(tokens))
        return `${tableHtml(
          heading,
          cells(header),
          rows.map(
            (row) =>
              `<tr>${cells(row)
                .map((cell) => `<td>${cell}</td>`)
                .join('')}</tr>`,
          ),
        )}\n`
      },
    },
  })
}
