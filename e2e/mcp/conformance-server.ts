import {
  composeRegistry,
  createRuntime,
  defineCommand,
  defineModule,
  defineQuery,
  implement,
  type JsonSchema,
  page,
  type Schema,
} from '@waymark/contract'
import { createMcp } from '@waymark/surface/mcp'
import { createRest } from '@waymark/surface/rest'
import { type NodeServer, serveNode } from '@waymark/surface/rest/node'
import { z } from 'zod'

/** A schema with the keywords that a scenario looks for, as a contract can have it. */
const keywords: JsonSchema = {
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

const meta = <const K extends string>(key: K) =>
  ({ key, version: '1.0.0', stability: 'stable', owners: [], tags: [], description: `${key}.` }) as const
const anybody = { auth: 'anonymous' } as const
const Done = z.object({ done: z.boolean() })

const SimpleText = defineQuery({
  meta: meta('test.simpleText'),
  io: { input: z.object({}), output: z.object({ text: z.string() }) },
  policy: anybody,
})
const Fails = defineCommand({
  meta: meta('test.errorHandling'),
  io: {
    input: z.object({}),
    output: Done,
    errors: { ON_PURPOSE: { description: 'It fails', http: 409, gqlCode: 'ON_PURPOSE', when: 'Always' } },
  },
  policy: anybody,
})
const Keywords = defineQuery({
  meta: meta('test.keywords'),
  io: { input: describedAs(keywords), output: Done },
  policy: anybody,
})
const ListTracks = defineQuery({
  meta: meta('learning.onboarding.listTracks'),
  io: {
    input: z.object({}),
    output: page(z.object({ trackId: z.string(), title: z.string(), description: z.string().nullable() })),
  },
  policy: anybody,
})

/** What the scenarios ask for, and what of ours stands for it: their names are none that a contract can have. */
const NAMES: readonly (readonly [theirs: string, ours: string])[] = [
  ['test_simple_text', 'test.simpleText'],
  ['test_error_handling', 'test.errorHandling'],
  ['json_schema_2020_12_tool', 'test.keywords'],
  ['test://static-text', 'waymark://contracts/test.simpleText'],
  ['test://template/123/data', 'waymark://tracks/123'],
]

/** The MCP surface on a free port of this machine, with what the scenarios of the conformance suite want to find. */
export async function startConformanceServer(): Promise<NodeServer> {
  const module = defineModule({ key: 'test', contracts: [SimpleText, Fails, Keywords, ListTracks] })
  const tests = implement(module).handlers({
    'test.simpleText': async () => ({ text: 'A simple text.' }),
    'test.errorHandling': async ({ fail }) => {
      throw fail.ON_PURPOSE()
    },
    'test.keywords': async () => ({ done: true }),
    'learning.onboarding.listTracks': async () => ({
      items: [{ trackId: '123', title: 'The first', description: null }],
      nextCursor: null,
    }),
  })
  let ids = 0
  const runtime = createRuntime({
    registry: composeRegistry(module),
    implementations: [tests],
    ports: {
      now: Date.now,
      newId: () => `id-${++ids}`,
      hash: (text) => text,
      after: (milliseconds, call) => {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
      unitOfWork: {
        run: (tenant, work) =>
          work({
            tenant,
            idempotency: { find: async () => undefined, keep: async () => {} },
            inbox: { has: async () => false, add: async () => true },
            emitted: { add: async () => {} },
          }),
      },
    },
  })
  const authenticate = async () => ({ kind: 'anonymous', tenant: 'default' }) as const
  const mcp = createMcp({ runtime, authenticate, loopbackOnly: true })
  const rest = createRest({
    runtime,
    authenticate,
    endpoints: [
      { method: 'POST', path: '/mcp', answer: async (request, id) => toTheirs(await mcp.fetch(await toOurs(request), id)) },
    ],
  })
  return serveNode((request) => rest.fetch(request), { host: '127.0.0.1', port: 0 })
}

async function toOurs(request: Request): Promise<Request> {
  const headers = new Headers(request.headers)
  const name = headers.get('mcp-name')
  const [, ours] = NAMES.find(([theirs]) => theirs === name) ?? []
  if (ours !== undefined) headers.set('mcp-name', ours)
  headers.delete('content-length')
  const { signal } = request
  return new Request(request.url, { method: 'POST', headers, signal, body: renamed(await request.text(), NAMES) })
}

async function toTheirs(response: Response): Promise<Response> {
  if (response.headers.get('content-type')?.includes('json') !== true) return response
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  const back = NAMES.map(([theirs, ours]) => [ours, theirs] as const)
  return new Response(renamed(await response.text(), back), { status: response.status, headers })
}

/** The JSON with other texts where a whole text is one of these. */
function renamed(text: string, names: readonly (readonly [from: string, to: string])[]): string {
  return names.reduce((result, [from, to]) => result.replaceAll(JSON.stringify(from), JSON.stringify(to)), text)
}

function describedAs(schema: JsonSchema): Schema {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => ({ ...schema }), output: () => ({ ...schema }) },
    },
  }
}
