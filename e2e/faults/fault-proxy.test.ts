import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Fault, FaultProxy } from './fault-proxy.ts'
import { createRandom, takeSeed } from './random.ts'

const seed = takeSeed('the fault proxy')
let echo: Server
let proxy: FaultProxy
let client: Socket

beforeEach(async () => {
  // Answers everything it hears, and closes when it is closed.
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as { readonly port: number }
  proxy = await FaultProxy.listen({ host: '127.0.0.1', port }, createRandom(seed))
  client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => {})
  await once(client, 'connect')
})
afterEach(async () => {
  client.destroy()
  await proxy.close()
  echo.close()
})

const text = Array.from({ length: 2_000 }, (_, index) => `line ${index}`).join('\n')

/** What comes back; all of it, unless the connection ends before. */
async function ask(): Promise<{ readonly answer: string; readonly pieces: number }> {
  client.write(text)
  let answer = ''
  let pieces = 0
  for await (const piece of client as AsyncIterable<Buffer>) {
    pieces += 1
    answer += piece
    if (answer.length >= text.length) break
  }
  return { answer, pieces }
}

it.each<Fault>(['none', 'delay', 'slow', 'sliced'])('loses and turns round no byte with the fault "%s"', async (fault) => {
  proxy.fault = fault
  expect((await ask()).answer).toBe(text)
})

it('slices what it forwards', async () => {
  proxy.fault = 'sliced'
  expect((await ask()).pieces).toBeGreaterThan(text.length / 200)
})

it('resets a connection in the middle of what it carries', async () => {
  proxy.fault = 'reset'
  const ended = new Promise((resolve) => client.once('close', resolve))
  const writing = setInterval(() => client.write(text), 1)
  await ended
  clearInterval(writing)
  expect(proxy.done.resets).toBe(1)
  expect(proxy.connections).toBe(0)
})

it('falls silent and stays so on that connection, and carries the next one', async () => {
  proxy.fault = 'half-open'
  const heard: string[] = []
  client.on('data', (piece) => heard.push(String(piece)))
  client.write('first')
  await expect.poll(() => proxy.done.deaf).toBe(1)
  proxy.fault = 'none'
  client.write('second')
  const next = connect(proxy.port, '127.0.0.1')
  next.write('third')
  const [answer] = await once(next, 'data')
  expect(String(answer)).toBe('third')
  expect(heard.join('')).not.toContain('first')
  next.destroy()
})
