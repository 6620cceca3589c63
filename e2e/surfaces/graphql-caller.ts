import { createGraphql, toSdl } from '@waymark/surface/graphql'
import { buildSchema, type GraphQLOutputType, getNamedType, isObjectType, isUnionType } from 'graphql'
import { readEventStream } from '../../packages/surface/test-support/event-stream.ts'
import { authenticate, registry } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceAnswer, type SurfaceCaller, toAnswer } from './surface-call.ts'

/** Each operation with all the fields that its types have, as one document with one variable. */
export const graphqlCaller: SurfaceCaller = {
  name: 'GraphQL',
  async call({ runtime }, { id, input, as, idempotencyKey }) {
    const name = fieldOf(id)
    const query = await documentOf(name)
    const graphql = createGraphql({ runtime, authenticate })
    const isStream = query.startsWith('subscription')
    const response = await graphql.fetch(
      new Request('http://shop.test/graphql', {
        method: 'POST',
        headers: {
          accept: isStream ? 'text/event-stream' : 'application/graphql-response+json',
          'content-type': 'application/json',
          ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify({ query, variables: { input } }),
      }),
    )
    if (!isStream) return toSurfaceAnswer(name, (await response.json()) as Result)
    const { messages, ended } = readEventStream(response)
    await ended
    const answers = messages.filter(({ event }) => event === 'next').map(({ data }) => toSurfaceAnswer(name, JSON.parse(data)))
    const data = answers.map((answer) => (answer.ok ? answer.data : undefined))
    return answers.find(({ ok }) => !ok) ?? { ok: true, data }
  },
}

interface Result {
  readonly data?: Readonly<Record<string, unknown>>
  readonly errors?: readonly { readonly message: string; readonly extensions: Extensions }[]
}

interface Extensions extends Omit<Parameters<typeof toAnswer>[0], 'detail'> {
  readonly type: string
}

/** What the contract calls the error is at the end of its type: `extensions.code` may be another name for it. */
function toSurfaceAnswer(name: string, { data, errors: [error] = [] }: Result): SurfaceAnswer {
  if (error === undefined) return { ok: true, data: data?.[name] }
  const { message, extensions } = error
  return toAnswer({ ...extensions, detail: message, code: extensions.type.replace('urn:waymark:error:', '') })
}

function fieldOf(id: string): string {
  const [key = '', version = '1'] = id.split('@')
  const major = Number.parseInt(version, 10)
  return key.replace(/\.(.)/g, (_, letter: string) => letter.toUpperCase()) + (major === 1 ? '' : `V${major}`)
}

const schema = toSdl(registry).then((sdl) => buildSchema(sdl))

async function documentOf(name: string): Promise<string> {
  const roots = { query: (await schema).getQueryType(), mutation: (await schema).getMutationType() }
  for (const [kind, type] of Object.entries({ ...roots, subscription: (await schema).getSubscriptionType() })) {
    const field = type?.getFields()[name]
    if (field !== undefined)
      return `${kind} ($input: ${field.args[0]?.type}) { ${name}(input: $input) ${selectionOf(field.type, 4)} }`
  }
  throw new Error(`The schema has no field ${name}.`)
}

/** Every field, and of a type that refers to itself so many levels. */
function selectionOf(use: GraphQLOutputType, levels: number): string {
  const type = getNamedType(use)
  if (isUnionType(type)) throw new Error('The table has no union yet: select its members here.')
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).map((field) => {
    const isLeaf = !isObjectType(getNamedType(field.type))
    return isLeaf || levels > 0 ? `${field.name} ${selectionOf(field.type, levels - 1)}` : ''
  })
  return `{ ${fields.join(' ')} }`
}
