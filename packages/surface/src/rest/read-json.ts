import type { spoilItems } from './ingest-item.ts'
import { isJsonType } from './media-type.ts'
import { type ParsedJson, parseJson } from './parse-json.ts'
import { readBody } from './read-body.ts'
import { type Refusal, refuse, refuseInput, type WireInput } from './wire-input.ts'

/** A parsed body, and its size in bytes after unpacking. */
export type JsonBody = (Extract<ParsedJson, { ok: true }> & { readonly bytes: number }) | Refusal

/**
 * The body of a call as JSON, whatever its content type says: SDKs send JSON under other names.
 * @param limit in bytes.
 */
export async function readJson(request: Request, limit: number): Promise<JsonBody> {
  const body = await readBody(request, limit)
  if (!body.ok) return body
  const parsed = parseJson(body.bytes)
  return parsed.ok ? { ...parsed, bytes: body.bytes.byteLength } : refuseInput([parsed.issue])
}

/**
 * The body of a call as the input of an operation. No body is the empty input, and the contract says what is missing in it.
 * @param setAside takes out flaws that need not cost the whole body.
 */
export async function readJsonInput(
  request: Request,
  limit: number,
  setAside: typeof spoilItems = (input, flaws) => ({ input, flaws }),
): Promise<WireInput> {
  if (request.body === null) return emptyInput()
  const contentType = request.headers.get('content-type')
  if (!isJsonType(contentType)) {
    // A body of no bytes needs no type.
    if (contentType === null || request.headers.get('content-length') === '0') {
      const body = await readBody(request, limit)
      if (!body.ok || body.bytes.byteLength === 0) return body.ok ? emptyInput() : body
    }
    return refuseType(contentType, 'Content-Type: application/json')
  }
  const body = await readBody(request, limit)
  if (!body.ok) return body
  if (body.bytes.byteLength === 0) return emptyInput()
  const parsed = parseJson(body.bytes)
  if (!parsed.ok) return refuseInput([parsed.issue])
  const { input, flaws } = setAside(parsed.value, parsed.flaws)
  const [first, ...others] = flaws
  if (first !== undefined) return refuseInput([first, ...others])
  return { ok: true, input, inputBytes: body.bytes.byteLength }
}

/** 415, saying what came and what to send. */
export function refuseType(contentType: string | null, expected: string): Refusal {
  const received = contentType === null ? 'no Content-Type' : `Content-Type ${JSON.stringify(contentType)}`
  return refuse('UNSUPPORTED_MEDIA_TYPE', { detail: `The body came with ${received}. Send it with ${expected}.` })
}

function emptyInput(): WireInput {
  return { ok: true, input: {}, inputBytes: 0 }
}
