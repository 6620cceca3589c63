import { toFastify } from '@waymark/surface/mount'
import fastify, { type FastifyInstance } from 'fastify'
import { createWaymark, type WaymarkOptions } from 'waymark'
import { onboarding } from './onboarding.ts'

/** An application with a route of its own, and Waymark below `/waymark`. Closing it closes both. */
export async function createApp(options: WaymarkOptions = {}): Promise<FastifyInstance> {
  const waymark = await createWaymark({ definitions: onboarding, ...options })
  const app = fastify({ forceCloseConnections: true })
  app.get('/hello', async () => ({ hello: 'world' }))
  await app.register(toFastify(waymark), { prefix: '/waymark' })
  app.addHook('onClose', () => waymark.close())
  return app
}
