import type { Registry } from '@waymark/contract'
import { version } from './version.ts'

/** Something that is made of contracts, as text. */
export interface Artefact {
  /** After `waymark contracts`. */
  readonly name: string
  /** Its usual file name. */
  readonly file: string
  readonly what: string
  /** The same registry always gives the same text. What makes it is loaded when it is asked for. */
  readonly make: (registry: Registry, license: string | undefined) => Promise<string>
}

/** Everything that `waymark contracts` prints, and that is kept in `docs/reference/generated` of our own contracts. */
export const ARTEFACTS: readonly Artefact[] = [
  {
    name: 'openapi',
    file: 'openapi.json',
    what: 'the OpenAPI 3.1 document, as a server has it at /openapi.json',
    make: async (registry, license) =>
      toJson((await import('@waymark/surface/rest')).toOpenApi(registry, { title: 'Waymark', version, license })),
  },
  {
    name: 'graphql',
    file: 'schema.graphql',
    what: 'the GraphQL schema, as a server has it at /schema.graphql',
    make: async (registry) => (await import('@waymark/surface/graphql')).toSdl(registry),
  },
  {
    name: 'asyncapi',
    file: 'asyncapi.json',
    what: 'the AsyncAPI 3.0 document, as a server has it at /asyncapi.json',
    make: async (registry, license) =>
      toJson((await import('@waymark/surface/bus')).toAsyncApi(registry, { title: 'Waymark', version, license })),
  },
  {
    name: 'mcp',
    file: 'mcp-tools.json',
    what: 'the MCP tools, as a server lists them to who may call everything',
    make: async (registry) => toJson((await import('@waymark/surface/mcp')).toMcpTools(registry)),
  },
  {
    name: 'client',
    file: 'client.ts',
    what: 'a TypeScript module for createClient: types, and no schema library in the bundle',
    make: async (registry) => (await import('@waymark/surface/emit-client')).emitClient(registry),
  },
]

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
