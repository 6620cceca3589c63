import type { DocsSite } from '@waymark/surface/docs'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
}

/** What a page of the site may load: its own files. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * Serves a site below `/docs/`; undefined for every other path.
 * @param load makes the site when the first page is asked for.
 * @param onFailure told when it could not be made; the next page tries again.
 */
export function createDocsDoor(
  load: () => Promise<DocsSite>,
  onFailure: (error: unknown) => void,
): (request: Request) => Promise<Response> | undefined {
  let loading: Promise<DocsSite> | undefined
  const answer = async (request: Request, pathname: string) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, `${pathname} takes GET and HEAD.`, { allow: 'GET, HEAD' })
    if (pathname === '/docs') return text(308, 'The reference is at /docs/.', { location: '/docs/' })
    loading ??= load()
    const site = await loading.catch((error: unknown) => {
      loading = undefined
      onFailure(error)
    })
    if (site === undefined) return text(500, 'The reference could not be made; the log of the server says why.')
    const path = decode(pathname.slice('/docs/'.length))
    const name = path === '' || path.endsWith('/') ? `${path}index.html` : path
    const content = site.get(name)
    if (content === undefined) return text(404, `The reference has no ${name}. It starts at /docs/.`)
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8'
    return new Response(request.method === 'HEAD' ? null : content, {
      headers: {
        'content-type': type,
        'cache-control': 'no-cache',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      },
    })
  }
  return (request) => {
    if (!request.url.includes('/docs')) return undefined
    const { pathname } = new URL(request.url)
    return pathname === '/docs' || pathname.startsWith('/docs/') ? answer(request, pathname) : undefined
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${body}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
