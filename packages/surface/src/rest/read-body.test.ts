import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readBody } from './read-body.ts'

const LIMIT = 10_000

function post(body: Uint8Array<ArrayBuffer> | ReadableStream | string, headers: Record<string, string> = {}): Request {
  return new Request('http://shop.test/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
}

/** A body of unknown length; counts what is taken from it. */
function endless(chunk: number) {
  const taken = { bytes: 0, cancelled: false }
  const stream = new ReadableStream({
    pull(controller) {
      taken.bytes += chunk
      controller.enqueue(new Uint8Array(chunk))
    },
    cancel() {
      taken.cancelled = true
    },
  })
  return { stream, taken }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('readBody', () => {
  it('reads a body of many chunks', async () => {
    const parts = ['{"a"', ':', '1}']
    const stream = new ReadableStream({
      pull(controller) {
        const part = parts.shift()
        if (part === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(part))
      },
    })
    const body = await readBody(post(stream), LIMIT)
    expect(body.ok && text(body.bytes)).toBe('{"a":1}')
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
  ])('unpacks %s', async (encoding, pack) => {
    const body = await readBody(post(new Uint8Array(pack('hello '.repeat(500))), { 'content-encoding': encoding }), LIMIT)
    expect(body.ok && text(body.bytes)).toBe('hello '.repeat(500))
  })

  it('takes exactly the limit, and not one byte more', async () => {
    expect(await readBody(post('x'.repeat(LIMIT)), LIMIT)).toMatchObject({ ok: true })
    expect(await readBody(post('x'.repeat(LIMIT + 1)), LIMIT)).toMatchObject({ ok: false, code: 'PAYLOAD_TOO_LARGE' })
    const packed = (size: number) => post(new Uint8Array(gzipSync('x'.repeat(size))), { 'content-encoding': 'gzip' })
    expect(await readBody(packed(LIMIT), LIMIT)).toMatchObject({ ok: true })
    expect(await readBody(packed(LIMIT + 1), LIMIT)).toMatchObject({ ok: false, code: 'PAYLOAD_TOO_LARGE' })
  })

  it('stops taking an endless body soon after the limit', async () => {
    const { stream, taken } = endless(1_000)
    expect(await readBody(post(stream), LIMIT)).toMatchObject({ ok: false, code: 'PAYLOAD_TOO_LARGE' })
    expect(taken.cancelled).toBe(true)
    expect(taken.bytes).toBeLessThanOrEqual(LIMIT + 3_000)
  })

  it('does not unpack a bomb', async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(60_000_000)))
    const before = process.memoryUsage().arrayBuffers
    expect(await readBody(post(bomb, { 'content-encoding': 'gzip' }), 1_048_576)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  it('refuses by Content-Length before it reads', async () => {
    const { stream, taken } = endless(1)
    const request = post(stream, { 'content-length': String(LIMIT + 1) })
    expect(await readBody(request, LIMIT)).toMatchObject({ ok: false, code: 'PAYLOAD_TOO_LARGE' })
    // A stream fills its queue with one chunk as soon as it exists.
    expect(taken.bytes).toBeLessThanOrEqual(1)
  })

  it.each(['br', 'gzip, gzip', 'snappy'])('refuses the encoding %s', async (encoding) => {
    expect(await readBody(post('x', { 'content-encoding': encoding }), LIMIT)).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  })

  it.each([
    ['text that is not packed', new TextEncoder().encode('{"a":1}')],
    ['a cut body', new Uint8Array(gzipSync('hello '.repeat(500))).slice(0, 30)],
    ['a body with something behind it', new Uint8Array([...gzipSync('hello'), 1, 2, 3])],
  ])('refuses %s under gzip', async (_, bytes) => {
    const body = await readBody(post(bytes, { 'content-encoding': 'gzip' }), LIMIT)
    expect(body).toMatchObject({ ok: false, code: 'VALIDATION_FAILED', init: { errors: [{ pointer: '' }] } })
  })

  it('refuses a body that breaks off', async () => {
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(new Error('gone'))
      },
    })
    expect(await readBody(post(stream), LIMIT)).toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('reads no body as no bytes', async () => {
    const body = await readBody(new Request('http://shop.test/', { method: 'POST' }), LIMIT)
    expect(body.ok && body.bytes.byteLength).toBe(0)
  })
})
