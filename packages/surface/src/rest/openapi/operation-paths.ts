import { isPage, isStream, type JsonSchema, jsonSchemaOf, type OperationEntry, type Registry } from '@waymark/contract'
import type { ResolveRef } from '../json-schema-walk.ts'
import { operationPath } from '../operation-path.ts'
import { queryProperties } from '../query-properties.ts'
import { isJsonField } from '../query-reader.ts'
import { errorResponses, lifecycleHeaderRefs } from './error-responses.ts'
import type { Json, OperationObject, PathItem } from './open-api-document.ts'
import { componentName, operationIdOf } from './operation-name.ts'
import type { SchemaComponents } from './schema-components.ts'
import { securityOf } from './security.ts'

/** The path of one operation: commands by POST, queries by GET and POST. */
export function operationPaths(
  entry: OperationEntry,
  registry: Registry,
  components: SchemaComponents,
  resolve: ResolveRef,
): Readonly<Record<string, PathItem>> {
  const { operation } = entry
  const name = componentName(entry, registry)
  const operationId = operationIdOf(entry, registry)
  const input = components.add(`${name}Input`, entry.inputSchema)
  const output = addOutput(entry, name, components)
  const responses = (hasBody: boolean) => ({
    200: successResponse(entry, output),
    ...errorResponses(entry, hasBody, name, components),
  })
  const common = operationParts(entry)
  const headerParameters = headerParametersOf(entry)
  const properties = operation.kind === 'query' ? queryProperties(input, resolve) : undefined
  const post: OperationObject = {
    operationId: properties === undefined ? operationId : `${operationId}ByPost`,
    ...common,
    ...(headerParameters.length === 0 ? {} : { parameters: headerParameters }),
    requestBody: {
      required: hasRequired(input, resolve),
      content: { 'application/json': { schema: input, ...examplesOf(entry, 'input') } },
    },
    responses: responses(true),
  }
  if (properties === undefined) return { [operationPath(entry)]: { post } }
  const parameters = properties.map(({ name, schema, required }) => ({
    name,
    in: 'query',
    required,
    ...(typeof schema.description === 'string' ? { description: schema.description } : {}),
    ...(isJsonField(schema, resolve) ? { content: { 'application/json': { schema } } } : { schema }),
  }))
  const get: OperationObject = {
    operationId,
    ...common,
    parameters: [...parameters, ...headerParameters],
    responses: responses(false),
  }
  return { [operationPath(entry)]: { get, post } }
}

/** What every operation says of itself, whichever way it is called. */
function operationParts({ id, operation }: OperationEntry): Json {
  const { meta, policy, emits } = operation
  const description = [meta.goal, meta.context].filter((text) => text !== undefined).join('\n\n')
  const isDeprecated = meta.stability === 'deprecated' || meta.deprecation !== undefined
  return {
    summary: meta.description,
    ...(description === '' ? {} : { description }),
    ...(meta.tags.length === 0 ? {} : { tags: meta.tags }),
    ...(isDeprecated ? { deprecated: true } : {}),
    security: securityOf(policy),
    'x-waymark-id': id,
    'x-waymark-stability': meta.stability,
    ...(operation.kind === 'command'
      ? { 'x-waymark-emits': emits.map((event) => `${event.meta.key}@${event.meta.version}`) }
      : {}),
  }
}

/** What may travel in headers beside the input. */
function headerParametersOf({ operation }: OperationEntry): readonly Json[] {
  const parameter = (name: string) => [{ $ref: `#/components/parameters/${name}` }]
  if (operation.kind === 'command') return parameter('IdempotencyKey')
  return isStream(operation.io.output) ? parameter('LastEventId') : []
}

/** A stream has no end, so a schema can only describe one item of it. */
function streamContent(item: Json): Json {
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description:
          'Server-sent events: each message has an item as its data, and the `cursor` of it as its id. An event `problem` ends a stream that failed, an event `end` one that has no more to give; an answer that ends without either was cut off.',
      },
    },
    'application/x-ndjson': { schema: item },
  }
}

/** The 200 of an operation. */
export function successResponse(entry: OperationEntry, schema: Json): Json {
  const { operation } = entry
  const header = (name: string) => ({ $ref: `#/components/headers/${name}` })
  const keepsAnswers = operation.kind === 'command' && operation.policy.idempotent !== true
  return {
    description: 'The answer.',
    headers: {
      'x-request-id': header('RequestId'),
      ...(keepsAnswers ? { 'idempotency-replayed': header('IdempotencyReplayed') } : {}),
      ...lifecycleHeaderRefs(entry),
    },
    content: isStream(operation.io.output)
      ? streamContent(schema)
      : { 'application/json': { schema, ...examplesOf(entry, 'output') } },
  }
}

/** One side of the examples; both sides of one have the same name. */
function examplesOf({ operation }: OperationEntry, side: 'input' | 'output'): Json {
  const examples = (operation.meta.examples ?? []).flatMap((example, index) =>
    example[side] === undefined ? [] : [[`example-${index + 1}`, { summary: example.title, value: example[side] }] as const],
  )
  return examples.length === 0 ? {} : { examples: Object.fromEntries(examples) }
}

/** A page refers to its item, whose references mean the item and not the page. */
function addOutput({ operation, outputSchema }: OperationEntry, name: string, components: SchemaComponents): Json {
  const { output } = operation.io
  if (isStream(output)) return components.add(`${name}OutputItem`, outputSchema)
  if (!isPage(output)) return components.add(`${name}Output`, outputSchema)
  const item = components.add(`${name}OutputItem`, jsonSchemaOf(output['~page'], 'output'))
  const { properties, ...rest } = outputSchema as { properties: Readonly<Record<string, JsonSchema>> }
  return components.add(`${name}Output`, { ...rest, properties: { ...properties, items: { type: 'array', items: item } } })
}

function hasRequired(input: JsonSchema, resolve: ResolveRef): boolean {
  const properties = queryProperties(input, resolve)
  return properties === undefined || properties.some(({ required }) => required)
}
