import { createApp } from './app.ts'

const app = await createApp()
console.log(`${await app.listen({ port: 3000, host: '127.0.0.1' })}/waymark/docs/`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())
