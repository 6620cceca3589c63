import { isJsonType } from '../rest/media-type.ts'
import { type Refusal, refuse } from '../rest/wire-input.ts'

const UTF8 = new TextEncoder()

/**
 * The bytes of a body that the host has read and unpacked already: as it kept them, or JSON written again. A refusal where they are lost.
 */
export function parsedBody(body: unknown, contentType: string | null): Uint8Array<ArrayBuffer> | undefined | Refusal {
  if (body instanceof Uint8Array) return new Uint8Array(body)
  if (typeof body === 'string') return UTF8.encode(body)
  if (isJsonType(contentType) && body !== undefined) return UTF8.encode(JSON.stringify(body))
  return lostBody(contentType)
}

/** 415: what came was read by somebody who did not keep it. */
export function lostBody(contentType: string | null): Refusal {
  const what = contentType === null ? 'without a Content-Type' : `of type ${JSON.stringify(contentType)}`
  return refuse('UNSUPPORTED_MEDIA_TYPE', {
    detail: `The host has read a body ${what} before Waymark could. Mount Waymark before the parser of such bodies.`,
  })
}
