import { serve } from '@hono/node-server'
import { createApp } from './app.ts'

const app = await createApp()
const server = serve({ fetch: app.fetch, port: 3000, hostname: '127.0.0.1' }, () =>
  console.log('http://127.0.0.1:3000/waymark/docs/'),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close(() => void app.close()))
}
