import { toHono } from '@waymark/surface/mount'
import { Hono } from 'hono'
import { createWaymark, type Waymark, type WaymarkOptions } from 'waymark'
import { onboarding } from './onboarding.ts'

/** An application with a route of its own, and Waymark below `/waymark`. */
export async function createApp(options: WaymarkOptions = {}): Promise<{ readonly app: Hono; readonly waymark: Waymark }> {
  const waymark = await createWaymark({ definitions: onboarding, ...options })
  const app = new Hono()
  app.get('/hello', (c) => c.json({ hello: 'world' }))
  app.all('/waymark/*', toHono(waymark, { basePath: '/waymark' }))
  return { app, waymark }
}
