import { refuse } from '../rest/wire-input.ts'
import type { Mountable } from './mountable.ts'
import { refused } from './refused.ts'

/**
 * Hands over a request without the base path, and puts the base path before the paths that the answer names. A request that is not below
 * it answers 404.
 */
export async function fetchBelow(waymark: Mountable, request: Request, basePath: string): Promise<Response> {
  const base = basePath.replace(/\/+$/, '')
  // Awaited here: a promise that is returned as it is takes two turns more.
  if (base === '') return await waymark.fetch(request)
  const url = new URL(request.url)
  if (!url.pathname.startsWith(`${base}/`)) {
    const detail = `${url.pathname} is not below ${base}, where this is mounted. Mount it where requests come, or set basePath.`
    return refused(refuse('NOT_FOUND', { detail }))
  }
  url.pathname = url.pathname.slice(base.length)
  const answer = await waymark.fetch(new Request(url, request), { basePath: base })
  const location = answer.headers.get('location')
  const link = answer.headers.get('link')
  if (location === null && link === null) return answer
  const headers = new Headers(answer.headers)
  if (location?.startsWith('/') && !location.startsWith('//')) headers.set('location', `${base}${location}`)
  if (link !== null) headers.set('link', link.replaceAll(/<\/(?!\/)/g, `<${base}/`))
  return new Response(answer.body, { status: answer.status, headers })
}
