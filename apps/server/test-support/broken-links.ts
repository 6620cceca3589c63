import { Marked, type Tokens } from 'marked'

/**
 * What is wrong with the places of a site: links of its HTML and its Markdown that lead to no file or to no place in it, and places that
 * have a name twice. Links to other sites are left out.
 */
export function brokenLinks(site: ReadonlyMap<string, string>): string[] {
  const places = new Map([...site].filter(([path]) => path.endsWith('.html')).map(([path, text]) => [path, idsIn(text)]))
  const twins = [...places].flatMap(([path, ids]) =>
    ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${path} has #${id} twice`),
  )
  const broken = [...site].flatMap(([path, text]) =>
    targetsIn(path, text).flatMap((target) => {
      const { protocol, host, pathname, hash } = new URL(target, `http://docs.test/${path}`)
      if (host !== 'docs.test' || protocol !== 'http:') return []
      const file = decodeURIComponent(pathname.slice(1))
      if (!site.has(file)) return [`${path} → ${target}: there is no ${file}`]
      // The anchors of Markdown are those of the HTML beside it.
      const ids = places.get(file.replace(/\.md$/, '.html')) ?? []
      const id = decodeURIComponent(hash.slice(1))
      return id === '' || ids.includes(id) ? [] : [`${path} → ${target}: ${file} has no #${id}`]
    }),
  )
  return [...twins, ...broken]
}

function idsIn(html: string): string[] {
  return [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => unescapeHtml(id as string))
}

function targetsIn(path: string, text: string): string[] {
  if (path.endsWith('.html'))
    return [...text.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, target]) => unescapeHtml(target as string))
  if (!/\.(md|txt)$/.test(path)) return []
  const marked = new Marked()
  const targets: string[] = []
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === 'link') targets.push((token as Tokens.Link).href)
  })
  return targets
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
