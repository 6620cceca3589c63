import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Mountable, toExpress, toFastify, toFetch, toHono, toNext } from '@waymark/surface/mount'
import { serveNode } from '@waymark/surface/rest/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

/** An application that was there before, with one route of its own at `/own`, which takes JSON. */
export interface Host {
  readonly name: string
  /** Starts it with something mounted at `/app`; resolves with its address. */
  start(waymark: Mountable): Promise<RunningHost>
  /** What it makes of a body that its parser took as a form. */
  readonly takesForms: boolean
  /** Has a hook that puts `x-host` on every answer. */
  readonly hasHook?: true
}

export interface RunningHost {
  readonly url: string
  close(): Promise<unknown>
}

export const HOSTS: readonly Host[] = [
  {
    name: 'Express',
    takesForms: true,
    start: (waymark) => listen(expressApp((app) => app.use('/app', toExpress(waymark)))),
  },
  {
    name: 'Express with parsers before',
    takesForms: false,
    start: (waymark) =>
      listen(
        expressApp((app) => app.use(express.json({ limit: 1_048_576 }), express.urlencoded()).use('/app', toExpress(waymark))),
      ),
  },
  {
    name: 'Fastify',
    takesForms: true,
    hasHook: true,
    async start(waymark) {
      const app = fastify({ forceCloseConnections: true })
      app.addHook('onSend', async (_request, reply) => {
        reply.header('x-host', 'fastify')
      })
      app.post('/own', async ({ body }) => ({ own: body }))
      await app.register(toFastify(waymark), { prefix: '/app' })
      return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
    },
  },
  {
    name: 'Hono',
    takesForms: true,
    start: (waymark) => serveHono((app) => app.all('/app/*', toHono(waymark, { basePath: '/app' }))),
  },
  {
    name: 'Hono with a body that was read before',
    takesForms: true,
    start: (waymark) =>
      serveHono((app) => {
        app.use('/app/*', async ({ req }, next) => {
          if (req.header('content-encoding') === undefined && req.header('content-type') === 'application/json') await req.text()
          await next()
        })
        app.all('/app/*', toHono(waymark, { basePath: '/app' }))
      }),
  },
  {
    name: 'Hono that mounts a Fetch handler',
    takesForms: true,
    start: (waymark) => serveHono((app) => app.mount('/app', toFetch(waymark, { basePath: '/app' }), { replaceRequest: false })),
  },
  {
    name: 'the handlers of a catch-all route of Next',
    takesForms: true,
    async start(waymark) {
      const handlers: Readonly<Record<string, ((request: Request) => Promise<Response>) | undefined>> = toNext(waymark, {
        basePath: '/app',
      })
      return serveNode(
        async (request) => {
          const { pathname } = new URL(request.url)
          if (pathname.startsWith('/app/')) return handlers[request.method]?.(request) ?? new Response(null, { status: 405 })
          if (pathname === '/own') return Response.json({ own: await request.json() })
          return new Response('nothing here', { status: 404 })
        },
        { host: '127.0.0.1', port: 0 },
      )
    },
  },
]

function expressApp(use: (app: express.Express) => void): RequestListener {
  const app = express()
  app.post('/own', express.json(), (request, response) => {
    response.json({ own: request.body })
  })
  use(app)
  return app
}

async function serveHono(use: (app: Hono) => void): Promise<RunningHost> {
  const app = new Hono()
  app.post('/own', async (c) => c.json({ own: await c.req.json() }))
  use(app)
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}`, close: () => new Promise((closed) => server.close(closed)) }),
    )
  })
}

export async function listen(listener: RequestListener): Promise<RunningHost> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(closed))
    },
  }
}
