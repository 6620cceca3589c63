import { collect, headersOf, type NodeRequest, type NodeResponse, urlOf } from '../rest/node-message.ts'
import { refuse } from '../rest/wire-input.ts'
import { parsedBody } from './parsed-body.ts'
import { refused } from './refused.ts'

/** A request of a host that stands on `node:http`. */
export interface HostRequest extends NodeRequest {
  /** True when somebody has begun to read the body. */
  readonly readableDidRead?: boolean
}

export interface NodeCall {
  readonly request: HostRequest
  readonly response: Pick<NodeResponse, 'writableFinished' | 'on'>
  /** With the base path. */
  readonly url: string | undefined
  /** What the host made of the body, where it has read it. */
  readonly body: unknown
  readonly bodyLimit: number
}

/** The Fetch request of a call, which is aborted when its caller goes away; an answer where it cannot be made; `gone`: there is nobody. */
export async function toFetchRequest({
  request,
  response,
  url,
  body,
  bodyLimit,
}: NodeCall): Promise<Request | Response | 'gone'> {
  const controller = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  const { method = 'GET' } = request
  if (method === 'TRACE') return refused(refuse('METHOD_NOT_ALLOWED', { detail: 'TRACE is not taken here.' }))
  const headers = headersOf(request)
  const init = { method, headers, signal: controller.signal }
  if (method === 'GET' || method === 'HEAD') return new Request(urlOf(url, request), init)
  if (request.readableDidRead === true) {
    const bytes = parsedBody(body, headers.get('content-type'))
    if (bytes !== undefined && 'ok' in bytes) return refused(bytes)
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name)
    return new Request(urlOf(url, request), bytes === undefined ? init : { ...init, body: bytes })
  }
  const tooLarge = refuse('PAYLOAD_TOO_LARGE', { detail: `The body has more than ${bodyLimit} bytes. Send less at once.` })
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return refused(tooLarge)
  const bytes = await collect(request, bodyLimit)
  if (bytes === 'gone') return bytes
  if (bytes === 'too large') return refused(tooLarge)
  return new Request(urlOf(url, request), bytes === undefined ? init : { ...init, body: bytes })
}
