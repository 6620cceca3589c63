import { createApp } from './app.ts'

const { app, waymark } = await createApp()
const server = app.listen(3000, '127.0.0.1', () =>
  console.log('http://127.0.0.1:3000/deals, and http://127.0.0.1:3000/waymark/docs/'),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void waymark.close())
    server.closeAllConnections()
  })
}
