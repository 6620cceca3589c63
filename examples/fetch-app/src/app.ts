import { toFetch } from '@waymark/surface/mount'
import { createWaymark, type WaymarkOptions } from 'waymark'
import { onboarding } from './onboarding.ts'

/** What a server of Fetch handlers serves. */
export interface App {
  fetch(request: Request): Promise<Response>
  /** Call it when no more requests come. */
  close(): Promise<void>
}

/** An application with a route of its own, and Waymark below `/waymark`. */
export async function createApp(options: WaymarkOptions = {}): Promise<App> {
  const waymark = await createWaymark({ definitions: onboarding, ...options })
  const mounted = toFetch(waymark, { basePath: '/waymark' })
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname.startsWith('/waymark/')) return mounted(request)
      if (pathname === '/hello' && request.method === 'GET') return Response.json({ hello: 'world' })
      return new Response('Not found', { status: 404 })
    },
    close: () => waymark.close(),
  }
}
