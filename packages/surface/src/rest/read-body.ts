import { type Refusal, refuse, refuseInput } from './wire-input.ts'

const FORMATS: Readonly<Record<string, 'gzip' | 'deflate'>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' }

/**
 * Reads a body, decompressed, and never holds more than `limit` bytes of it.
 * @param limit bytes, of the body as sent and of what it unpacks to.
 */
export async function readBody(
  request: Request,
  limit: number,
): Promise<{ readonly ok: true; readonly bytes: Uint8Array } | Refusal> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  const format = FORMATS[encoding]
  if (format === undefined && encoding !== 'identity' && encoding !== '') {
    return refuse('UNSUPPORTED_MEDIA_TYPE', {
      detail: `The body is encoded as ${JSON.stringify(encoding)}. Send it plain, or with Content-Encoding gzip or deflate.`,
    })
  }
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge(limit)
  if (request.body === null) return { ok: true, bytes: new Uint8Array() }
  const stream = format === undefined ? request.body : unpack(request.body, format)
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength
      if (size > limit) {
        reader.cancel().catch(() => {})
        return tooLarge(limit)
      }
      chunks.push(part.value)
    }
  } catch {
    const message = format === undefined ? 'The body ended early' : `The body is not valid ${format} data`
    return refuseInput([{ pointer: '', message, expected: 'a complete body', received: 'damaged bytes' }])
  }
  return { ok: true, bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : joined(chunks, size) }
}

function unpack(body: ReadableStream<Uint8Array>, format: 'gzip' | 'deflate'): ReadableStream<Uint8Array> {
  // The platform's types disagree on which kind of buffer backs the bytes; the bytes are the same.
  return body.pipeThrough(new DecompressionStream(format) as never)
}

function tooLarge(limit: number): Refusal {
  return refuse('PAYLOAD_TOO_LARGE', { detail: `The body has more than ${limit} bytes, unpacked. Send less at once.` })
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
