import { DefinitionError } from '@waymark/contract'

/** What answers one method of one path. */
export type Endpoint = (request: Request, requestId: string, basePath: string) => Response | Promise<Response>

/** The methods of one path. `HEAD` comes with `GET`, `OPTIONS` with every path. */
export interface PathEntry {
  readonly methods: ReadonlyMap<string, Endpoint>
  /** The value of the `Allow` header. */
  readonly allow: string
}

export type PathTable = ReadonlyMap<string, PathEntry>

/**
 * Indexes endpoints by path, once.
 * @throws DefinitionError when two endpoints have the same method and path.
 */
export function createPathTable(endpoints: Iterable<readonly [method: string, path: string, endpoint: Endpoint]>): PathTable {
  const byPath = new Map<string, Map<string, Endpoint>>()
  for (const [method, path, endpoint] of endpoints) {
    const methods = byPath.get(path) ?? new Map<string, Endpoint>()
    if (methods.has(method)) {
      throw new DefinitionError(
        'CONTRACT_NAME_COLLISION',
        `${method} ${path} is the path of two endpoints. Rename the contract, or serve the other surface elsewhere.`,
      )
    }
    byPath.set(path, methods.set(method, endpoint))
  }
  return new Map([...byPath].map(([path, methods]) => [path, pathEntry(methods)]))
}

function pathEntry(methods: Map<string, Endpoint>): PathEntry {
  const get = methods.get('GET')
  if (get !== undefined) methods.set('HEAD', async (...call) => withoutBody(await get(...call)))
  const allow = [...methods.keys(), 'OPTIONS'].toSorted().join(', ')
  methods.set('OPTIONS', () => new Response(null, { status: 204, headers: { allow } }))
  return { methods, allow }
}

async function withoutBody({ status, headers, body }: Response): Promise<Response> {
  await body?.cancel()
  return new Response(null, { status, headers })
}
