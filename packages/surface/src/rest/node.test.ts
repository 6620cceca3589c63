import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createFixture } from '../../test-support/fixture.ts'
import { type NodeServer, type ServeOptions, serveNode } from './node.ts'

const servers: NodeServer[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serve(handler: (request: Request) => Response | Promise<Response>, options: Partial<ServeOptions> = {}) {
  const server = await serveNode(handler, { host: '127.0.0.1', port: 0, ...options })
  servers.push(server)
  return server
}

/** Answers with what it saw. */
async function echo(request: Request): Promise<Response> {
  const { method, url } = request
  const text = JSON.stringify({ method, url, body: await request.text(), type: request.headers.get('content-type') })
  return new Response(text, { headers: { 'content-length': String(text.length) } })
}

/** A raw connection. `until` resolves with everything received once it matches, `end` once the server closed. */
function raw(port: number) {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let received = ''
  const watchers = new Set<() => void>()
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
    for (const watch of watchers) watch()
  })
  socket.on('error', () => {})
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(received)))
  return {
    socket,
    send: (text: string) => socket.write(text.replaceAll(/\r?\n/g, '\r\n')),
    end: () => ended,
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const watch = () => {
          if (!pattern.test(received)) return
          watchers.delete(watch)
          resolve(received)
        }
        watchers.add(watch)
        ended.then(() => reject(new Error(`closed before ${pattern}: ${received}`)))
        watch()
      }),
  }
}

/** Something a test waits for, and what it waits with. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const head = (line: string, ...headers: string[]) => `${[`${line} HTTP/1.1`, 'Host: shop.test', ...headers].join('\n')}\n\n`

describe('a request', () => {
  it('arrives with method, address, headers and body', async () => {
    const { url } = await serve(echo)
    const answer = await fetch(`${url}/a/b?c=d`, { method: 'PUT', body: 'hello', headers: { 'content-type': 'text/x' } })
    expect(await answer.json()).toEqual({ method: 'PUT', url: `${url}/a/b?c=d`, body: 'hello', type: 'text/x' })
    expect(await (await fetch(`${url}/`)).json()).toMatchObject({ method: 'GET', body: '' })
  })

  it('arrives whole, however it was cut', async () => {
    const calls: string[] = []
    const { port } = await serve((request) => {
      calls.push(request.url)
      return echo(request)
    })
    const { send, until, socket } = raw(port)
    send(head('POST /', 'Transfer-Encoding: chunked'))
    send('3\nabc\n')
    await once(socket, 'ready')
    expect(calls).toEqual([])
    send('2\nde\n0\n\n')
    expect(await until(/}$/)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"body":"abcde"/)
  })

  it.each(['evil.test/healthz?', 'a@b', 'a b', 'x#', ''])('keeps its path whatever the host %j is', async (host) => {
    const { port } = await serve(echo)
    const { send, until } = raw(port)
    send(`GET /real HTTP/1.1\nHost: ${host}\n\n`)
    expect(await until(/}$/)).toContain('"url":"http://localhost/real"')
  })

  it.each([
    ['http://other.test/x', 'http://other.test/x'],
    ['//double', 'http://shop.test//double'],
    ['*', 'http://shop.test/*'],
  ])('may name its target as %s', async (target, url) => {
    const { port } = await serve(echo)
    const { send, until } = raw(port)
    send(head(`OPTIONS ${target}`))
    expect(await until(/}$/)).toContain(`"url":"${url}"`)
  })

  it('is refused with TRACE', async () => {
    const { port } = await serve(echo)
    const { send, until } = raw(port)
    send(head('TRACE /'))
    expect(await until(/}$/)).toMatch(/^HTTP\/1\.1 405 [\s\S]*METHOD_NOT_ALLOWED/)
  })

  it('is refused with 431 when its headers are too large', async () => {
    const { port } = await serve(echo)
    const { send, end } = raw(port)
    send(head('GET /', `X-Long: ${'x'.repeat(17_000)}`))
    const [top = '', body = ''] = (await end()).split(/\r?\n\r?\n/)
    expect(top).toMatch(/^HTTP\/1\.1 431 /)
    const id = /x-request-id: (.+)/.exec(top)?.[1]?.trim()
    expect(JSON.parse(body)).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE', instance: `urn:waymark:request:${id}` })
    expect(top).toContain(`content-length: ${body.length}`)
  })

  it('is refused with 400 when a chunk is malformed, and never reaches the handler', async () => {
    const calls: string[] = []
    const { port } = await serve((request) => {
      calls.push(request.url)
      return echo(request)
    })
    const { send, end } = raw(port)
    send(head('POST /', 'Transfer-Encoding: chunked'))
    send('zz\nabc\n')
    expect(await end()).toMatch(/^HTTP\/1\.1 400 /)
    expect(calls).toEqual([])
  })

  it.each([
    ['is no HTTP', 'EHLO mail.example.com\n\n', 400, 'REQUEST_MALFORMED'],
    ['has no Host', 'GET / HTTP/1.1\n\n', 400, 'REQUEST_MALFORMED'],
    ['has a chunk without a length', `${head('POST /', 'Transfer-Encoding: chunked')}zz\n`, 400, 'REQUEST_MALFORMED'],
    ['has two lengths', `${head('POST /', 'Content-Length: 1', 'Content-Length: 2')}a`, 400, 'REQUEST_MALFORMED'],
    ['expects what nobody knows', head('GET /', 'Expect: a miracle'), 417, 'EXPECTATION_FAILED'],
  ])('that %s gets a problem, and the connection ends', async (_, text, status, code) => {
    const { port } = await serve(echo)
    const { send, end, socket } = raw(port)
    send(text)
    if (code === 'REQUEST_MALFORMED') socket.end()
    const [top = '', body = ''] = (await end()).split('\r\n\r\n')
    expect(top).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*content-type: application/problem\\+json`))
    expect(JSON.parse(body)).toMatchObject({ type: `urn:waymark:error:${code}`, status, code, detail: expect.any(String) })
  })

  it('behind one whose answer has begun ends the connection and does not write into the answer', async () => {
    const { port } = await serve((request) =>
      request.url.endsWith('/stream')
        ? new Response(new ReadableStream({ start: (it) => it.enqueue(Buffer.from('a')) }))
        : echo(request),
    )
    const { send, end, until } = raw(port)
    send(head('GET /stream'))
    await until(/\na\r\n$/)
    send('nonsense\n\n')
    expect(await end()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\na\r\n$/)
  })

  it('behind one that is still being answered lets it have its answer first', async () => {
    const [entered, left] = [gate(), gate()]
    const { port } = await serve(async (request) => {
      entered.open()
      await left.opened
      return echo(request)
    })
    const { send, end, until } = raw(port)
    send(`${head('GET /first')}nonsense\n\nmore\n\n`)
    send('and more\n\n')
    await entered.opened
    left.open()
    await until(/first[\s\S]*REQUEST_MALFORMED/)
    expect((await end()).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  })

  it('is ended with 408 when its body does not come', async () => {
    const calls: string[] = []
    const handler = (request: Request) => {
      calls.push(request.url)
      return echo(request)
    }
    const { port } = await serve(handler, { requestTimeout: 50 })
    const { send, end } = raw(port)
    send(head('POST /', 'Content-Length: 10'))
    send('half')
    expect(await end()).toMatch(/^HTTP\/1\.1 408 /)
    expect(calls).toEqual([])
  })
})

describe('a body that is too large', () => {
  it('is refused by its Content-Length, before it comes', async () => {
    const { port } = await serve(echo)
    const { send, until } = raw(port)
    send(head('POST /', 'Content-Length: 1048577'))
    expect(await until(/}$/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*application\/problem\+json[\s\S]*PAYLOAD_TOO_LARGE/)
  })

  it('is refused as soon as it passes the limit', async () => {
    const { port } = await serve(echo, { bodyLimit: 4 })
    const { send, until } = raw(port)
    send(head('POST /', 'Transfer-Encoding: chunked'))
    send('4\nabcd\n1\ne\n')
    expect(await until(/}$/)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is dropped, so that the sender sees the answer and the connection goes on', async () => {
    const { port, url } = await serve(echo, { bodyLimit: 1_000 })
    const refused = await fetch(url, { method: 'POST', body: 'x'.repeat(10_000) })
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const { send, until } = raw(port)
    send(`${head('POST /', 'Content-Length: 2000')}${'x'.repeat(2_000)}${head('GET /next')}`)
    expect(await until(/"method":"GET"/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200 /)
  })

  it('ends the connection when it never stops', async () => {
    const { port } = await serve(echo, { bodyLimit: 1_000 })
    const { send, socket, end } = raw(port)
    send(head('POST /', 'Transfer-Encoding: chunked'))
    const chunk = `400\n${'x'.repeat(0x400)}\n`
    const more = () => {
      while (!socket.destroyed && send(chunk));
    }
    socket.on('drain', more)
    more()
    expect(await end()).toMatch(/^HTTP\/1\.1 413 |^$/)
  })

  it('is not asked for', async () => {
    const { port } = await serve(echo, { bodyLimit: 10 })
    const large = raw(port)
    large.send(head('POST /', 'Content-Length: 11', 'Expect: 100-continue'))
    expect(await large.end()).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i)
    const small = raw(port)
    small.send(head('POST /', 'Content-Length: 2', 'Expect: 100-continue'))
    await small.until(/^HTTP\/1\.1 100 Continue/)
    small.send('ok')
    expect(await small.until(/}$/)).toContain('"body":"ok"')
  })
})

describe('an answer', () => {
  it('comes with its status, headers and cookies', async () => {
    const headers: [string, string][] = [
      ['x-a', '1'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]
    const { url } = await serve(() => new Response(null, { status: 204, headers }))
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('x-a'), answer.headers.getSetCookie()]).toEqual([204, '1', ['a=1', 'b=2']])
  })

  it('is a problem without any text of the error when the handler throws', async () => {
    const errors: unknown[] = []
    const handler = () => {
      throw new Error('the password is swordfish')
    }
    const { url } = await serve(handler, { onError: (error) => errors.push(error) })
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
    const body = await answer.json()
    expect(body).toMatchObject({ code: 'INTERNAL', instance: `urn:waymark:request:${answer.headers.get('x-request-id')}` })
    expect(JSON.stringify(body)).not.toContain('swordfish')
    expect(errors.map(String)).toEqual(['Error: the password is swordfish'])
  })

  it('is streamed as it is made, and its source cancelled when the caller goes', async () => {
    const cancelled = gate()
    const stream = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
        cancel: cancelled.open,
      })
    const { port } = await serve(() => new Response(stream(), { headers: { 'content-type': 'text/event-stream' } }))
    const { send, until, socket } = raw(port)
    send(head('GET /'))
    expect(await until(/data: 1/)).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
    await cancelled.opened
  })

  it('is as long as the stream, however slowly it is read', async () => {
    let left = 200
    const stream = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(50_000))
        else controller.close()
      },
    })
    const { url } = await serve(() => new Response(stream))
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(10_000_000)
  })

  it('breaks off when the stream fails, and the host is told', async () => {
    const errors: unknown[] = []
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(new Error('lost'))
      },
    })
    const { url } = await serve(() => new Response(stream), { onError: (error) => errors.push(error) })
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
    expect(errors.map(String)).toEqual(['Error: lost'])
  })

  it('is cut off when its reader takes nothing for a while, and its source cancelled', async () => {
    const cancelled = gate()
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
      cancel: cancelled.open,
    })
    const { port } = await serve(() => new Response(stream), { readTimeout: 50 })
    const { socket, send, until } = raw(port)
    send(head('GET /'))
    await until(/^HTTP\/1\.1 200 /)
    socket.pause()
    await cancelled.opened
  })

  it('to HEAD has no body', async () => {
    const { url } = await serve(() => new Response('hello', { headers: { 'content-length': '5' } }))
    const answer = await fetch(url, { method: 'HEAD' })
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['5', ''])
  })
})

describe('a connection', () => {
  it('answers pipelined requests in order', async () => {
    const first = gate()
    const { port } = await serve(async (request) => {
      if (request.url.endsWith('/1')) await first.opened
      else first.open()
      return echo(request)
    })
    const { send, until } = raw(port)
    send(`${head('POST /1', 'Content-Length: 1')}a${head('GET /2')}${head('GET /3')}`)
    const received = await until(/\/3"[^}]*}$/)
    expect([...received.matchAll(/shop\.test\/(\d)/g)].map(([, path]) => path)).toEqual(['1', '2', '3'])
  })

  it('aborts the signal of its request when the caller goes', async () => {
    const started = gate()
    const aborted = gate()
    const { port } = await serve(async (request) => {
      request.signal.addEventListener('abort', aborted.open)
      started.open()
      await aborted.opened
      return new Response()
    })
    const { send, socket } = raw(port)
    send(`${head('POST /', 'Content-Length: 1')}a`)
    await started.opened
    socket.destroy()
    await aborted.opened
  })

  it('does not abort the signal of a request that was answered', async () => {
    const signals: AbortSignal[] = []
    const { url } = await serve((request) => {
      signals.push(request.signal)
      return new Response('done')
    })
    await (await fetch(url)).text()
    await servers.splice(0)[0]?.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })
})

describe('close', () => {
  it('finishes the requests in flight, ends their connections, and takes no more', async () => {
    const started = gate()
    const finish = gate()
    const server = await serve(async () => {
      started.open()
      await finish.opened
      return new Response('done', { headers: { 'content-length': '4' } })
    })
    const busy = raw(server.port)
    const idle = raw(server.port)
    const silent = raw(server.port)
    await once(silent.socket, 'connect')
    busy.send(head('GET /'))
    await started.opened
    const closed = server.close()
    await Promise.all([idle.end(), silent.end()])
    const late = raw(server.port)
    expect(await late.end()).toBe('')
    finish.open()
    expect(await busy.end()).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*done$/i)
    await closed
  })

  it('finishes every pipelined request', async () => {
    const started = gate()
    const finish = gate()
    const server = await serve(async (request) => {
      if (request.url.endsWith('/2')) started.open()
      await finish.opened
      return echo(request)
    })
    const { send, end } = raw(server.port)
    send(`${head('GET /1')}${head('GET /2')}`)
    await started.opened
    const closed = server.close()
    finish.open()
    expect([...(await end()).matchAll(/shop\.test\/(\d)/g)].map(([, path]) => path)).toEqual(['1', '2'])
    await closed
  })

  describe('with a stream open', () => {
    const endless = (start: (controller: ReadableStreamDefaultController) => void, cancel: () => void) =>
      new Response(new ReadableStream({ start, cancel }), { headers: { 'content-type': 'text/event-stream' } })

    it('ends it, as a whole answer, and its source', async () => {
      const cancelled = gate()
      const first = new TextEncoder().encode('data: 1\n\n')
      const server = await serve(() => endless((controller) => controller.enqueue(first), cancelled.open))
      const { send, until, end } = raw(server.port)
      send(head('GET /'))
      await until(/data: 1/)
      await server.close()
      await cancelled.opened
      expect(await end()).toMatch(/data: 1\n\n\r\n0\r\n\r\n$/)
    })

    it('ends one that is opened meanwhile', async () => {
      const started = gate()
      const finish = gate()
      const server = await serve(async () => {
        started.open()
        await finish.opened
        return endless(
          () => {},
          () => {},
        )
      })
      const { send, end } = raw(server.port)
      send(head('GET /'))
      await started.opened
      const closed = server.close()
      finish.open()
      expect(await end()).toMatch(/connection: close[\s\S]*\r\n0\r\n\r\n$/i)
      await closed
    })

    it('does not wait for a reader that takes nothing', async () => {
      const cancelled = gate()
      const server = await serve(() =>
        endless((controller) => {
          for (let count = 0; count < 50; count++) controller.enqueue(new Uint8Array(1_000_000))
        }, cancelled.open),
      )
      const { socket, send, until } = raw(server.port)
      send(head('GET /'))
      await until(/^HTTP\/1\.1 200 /)
      socket.pause()
      await server.close()
      await cancelled.opened
    })
  })

  it('does not wait for connections that are kept alive', async () => {
    const server = await serve(echo)
    const { send, until, end } = raw(server.port)
    send(head('GET /'))
    await until(/}$/)
    await server.close()
    await end()
  })
})

it('a taken port rejects', async () => {
  const { port } = await serve(echo)
  await expect(serve(echo, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('serves the surface', async () => {
  const { rest } = createFixture()
  const { url } = await serve((request) => rest.fetch(request))
  const answer = await fetch(`${url}/v1/shop/orders/touch`, {
    method: 'POST',
    body: '{"by":2}',
    headers: { 'content-type': 'application/json', authorization: 'Bearer service' },
  })
  expect([answer.status, await answer.json()]).toEqual([200, { total: 2 }])
  expect(answer.headers.get('x-request-id')).toBe('id-1')
})
