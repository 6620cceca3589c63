import { type InvalidCredential, type Principal, type Runtime, toProblem } from '@waymark/contract'
import { cloudEventsDoor } from './cloud-events-door.ts'
import { type Door, enter } from './door.ts'
import { checkMappings, type Mapping } from './mapping.ts'
import type { OpenApiDocument } from './openapi/open-api-document.ts'
import { toOpenApi } from './openapi/to-open-api.ts'
import { operationDoors } from './operation-doors.ts'
import { createPathTable, type Endpoint } from './path-table.ts'
import { postHogDoors } from './posthog-doors.ts'
import { jsonResponse, problemResponse, refusalResponse } from './respond.ts'
import { segmentDoors } from './segment-doors.ts'
import { createStreamSlots, type StreamSlots } from './stream-slots.ts'
import { type Refusal, refuse } from './wire-input.ts'

export interface RestOptions {
  readonly runtime: Runtime
  /** Who calls: reads headers only, never the body. A key that an SDK has in its body comes as the user name of Basic. */
  readonly authenticate: (request: Request) => Promise<Principal | InvalidCredential>
  /** How events of other systems become ours. */
  readonly mappings?: readonly Mapping[]
  /** The PostHog group type whose groups are accounts; `company` when absent. */
  readonly postHogGroup?: string
  /** Of the OpenAPI and the AsyncAPI document. */
  readonly title?: string
  /** Of the OpenAPI and the AsyncAPI document. */
  readonly version?: string
  /** Of the OpenAPI and the AsyncAPI document: an SPDX expression such as `Apache-2.0`. */
  readonly license?: string | undefined
  /** Whether `/readyz` answers 200; always, when absent. */
  readonly ready?: () => boolean | Promise<boolean>
  /** How many calls may run at once before the next one answers 429; 1,024 when absent. An open stream is none. */
  readonly inFlightLimit?: number
  /** How many streams may be open: for each credential (50 when absent) and in all (5,000); the next one answers 429. */
  readonly streamLimits?: { readonly perCredential?: number; readonly total?: number }
  /** The places for open streams that other surfaces share; instead of `streamLimits`. */
  readonly slots?: StreamSlots
  /** How often an idle stream gives a sign of life, in milliseconds; 15 s when absent. */
  readonly heartbeatMs?: number
  /** The largest body, in bytes after unpacking; 1 MiB when absent. A contract may admit more by its own limit. */
  readonly bodyLimit?: number
  /** Paths that another surface answers; their calls count into `inFlightLimit`. */
  readonly endpoints?: readonly OtherEndpoint[]
}

/** One method of a path that another surface answers. */
export interface OtherEndpoint {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly answer: (request: Request, requestId: string) => Promise<Response>
}

/** What the host knows of a request besides the request itself. */
export interface RequestInfo {
  /** An id that the host's trace already has; made when absent. */
  readonly requestId?: string
  /** The path below which the host has mounted it, for the document; the request comes without it. */
  readonly basePath?: string
}

export interface Rest {
  /** Answers a request. Never rejects; a defect answers 500. */
  fetch(request: Request, info?: RequestInfo): Promise<Response>
  /** Made when it is first asked for: a server that nobody asks starts sooner. */
  readonly document: OpenApiDocument
}

/**
 * Serves every operation of a runtime over HTTP, with the ingest endpoints of event SDKs where the runtime can ingest.
 * @throws MappingError when a mapping is wrong, and DefinitionError when two endpoints have one path.
 */
export function createRest(options: RestOptions): Rest {
  const { runtime, mappings = [], title = 'Waymark', version = '0.0.0', inFlightLimit = 1_024, bodyLimit = 1_048_576 } = options
  const { postHogGroup = 'company', license } = options
  const { registry, ports } = runtime
  const { streamLimits: { perCredential, total } = {}, heartbeatMs = 15_000, endpoints = [] } = options
  const { slots = createStreamSlots(perCredential, total) } = options
  const context = { ...options, streaming: { slots, heartbeatMs } }
  checkMappings(mappings, registry)
  let document: OpenApiDocument | undefined
  const documentOf = () => {
    document ??= toOpenApi(registry, { title, version, license })
    return document
  }
  // Few ask for it, and a server that nobody asks starts sooner.
  const asyncApiOf = async () => {
    const { toAsyncApi } = await import('../bus/to-async-api.ts')
    return toAsyncApi(registry, { title, version, license, handled: new Set(runtime.listeners.keys()) })
  }
  const limited = limitInFlight(inFlightLimit)
  const open = (door: Door): Endpoint => limited((request, requestId) => enter(door, context, request, requestId))
  const table = createPathTable([
    ...operationDoors(registry, bodyLimit).map(({ method, path, door }) => [method, path, open(door)] as const),
    ...segmentDoors(registry, mappings, bodyLimit).map(({ path, door }) => ['POST', path, open(door)] as const),
    ...postHogDoors(registry, mappings, bodyLimit, postHogGroup).map(({ path, door }) => ['POST', path, open(door)] as const),
    ...cloudEventsDoor(registry, mappings, bodyLimit).map(({ path, door }) => ['POST', path, open(door)] as const),
    [
      'GET',
      '/openapi.json',
      (_request, _requestId, basePath) => jsonResponse(200, { ...documentOf(), servers: [{ url: basePath }] }),
    ],
    ...endpoints.map(({ method, path, answer }) => [method, path, limited(answer)] as const),
    ['GET', '/asyncapi.json', async () => jsonResponse(200, await asyncApiOf())],
    ['GET', '/healthz', () => jsonResponse(200, { status: 'ok' })],
    ['GET', '/readyz', () => readiness(options.ready)],
  ])

  function answer(request: Request, requestId: string, basePath: string): Response | Promise<Response> {
    const path = pathOf(request.url)
    const entry = table.get(path)
    if (entry === undefined) return refusalResponse(refuse('NOT_FOUND', { detail: `There is no path ${path}.` }), requestId)
    const endpoint = entry.methods.get(request.method)
    if (endpoint !== undefined) return endpoint(request, requestId, basePath)
    const detail = `${path} does not take ${request.method}; it takes ${entry.allow}.`
    return refusalResponse(refuse('METHOD_NOT_ALLOWED', { detail }), requestId, [['allow', entry.allow]])
  }

  return {
    get document() {
      return documentOf()
    },
    async fetch(request, info = {}) {
      const requestId = info.requestId ?? ports.newId()
      let response: Response
      try {
        response = await answer(request, requestId, info.basePath ?? '/')
      } catch (error) {
        ports.onFailure?.({ requestId, operation: `${request.method} ${pathOf(request.url)}`, error })
        response = problemResponse(toProblem(undefined, 'INTERNAL', requestId), [['cache-control', 'no-store']])
      }
      response.headers.set('x-request-id', requestId)
      return response
    },
  }
}

function limitInFlight(limit: number): (endpoint: Endpoint) => Endpoint {
  const busy: Refusal = refuse('RATE_LIMITED', { detail: `The server has ${limit} calls in flight already.`, retryAfter: 1 })
  let inFlight = 0
  return (endpoint) => async (request, requestId, basePath) => {
    if (inFlight >= limit) return refusalResponse(busy, requestId, [['cache-control', 'no-store']])
    inFlight += 1
    try {
      return await endpoint(request, requestId, basePath)
    } finally {
      inFlight -= 1
    }
  }
}

async function readiness(ready: (() => boolean | Promise<boolean>) | undefined): Promise<Response> {
  const isReady = ready === undefined || (await ready())
  return jsonResponse(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready' })
}

/** The path of an absolute URL, without parsing the rest of it. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const end = url.slice(start).search(/[?#]/)
  return end === -1 ? url.slice(start) : url.slice(start, start + end)
}
