import {
  isPage,
  isStream,
  type JsonSchema,
  jsonSchemaOf,
  type OperationEntry,
  type Registry,
  type Schema,
} from '@waymark/contract'
import { isRecord } from '../rest/is-record.ts'
import { componentName } from '../rest/openapi/operation-name.ts'
import { servedOperations } from '../rest/operation-path.ts'
import { comment, toText, toType } from './to-type.ts'

/**
 * A TypeScript module with every operation of a registry for `createClient`: types, and the few facts that a client needs to call. No
 * schema is in it, so a browser's bundle needs no schema library. The same registry always gives the same text.
 */
export function emitClient(registry: Registry): string {
  const operations = servedOperations(registry).map((entry) => emitOperation(entry, registry))
  const types = ['ClientContract', 'Typed', 'TypedPage', 'TypedStream'].filter((name) =>
    operations.some(({ text }) => new RegExp(`\\b${name}<`).test(text)),
  )
  return [
    '// Made of contracts by `waymark contracts client`: change those, and make it again.',
    `import type { ${types.join(', ')} } from '@waymark/surface/client'\n`,
    ...operations.map(({ text }) => `${text}\n`),
    '/** All of them. Pass those that you call alone, and a bundle has those alone. */',
    `export const contracts = [\n${operations.map(({ name }) => `  ${name},\n`).join('')}] as const\n`,
  ].join('\n')
}

function emitOperation(entry: OperationEntry, registry: Registry): { readonly name: string; readonly text: string } {
  const { kind, meta, io } = entry.operation
  const title = componentName(entry, registry)
  const name = `${title.charAt(0).toLowerCase()}${title.slice(1)}`
  const codes = Object.entries(io.errors)
  const declared = [
    declare(`${title}Input`, entry.inputSchema),
    declare(`${title}${itemOf(io.output) === undefined ? 'Output' : 'Item'}`, outputOf(entry)),
    ...codes.flatMap(([code, { data }]) =>
      data === undefined ? [] : declare(dataName(title, code), jsonSchemaOf(data, 'output')),
    ),
  ]
  const errorTypes = codes.map(
    ([code, { data }]) => `  ${code}: ${data === undefined ? NOTHING : `{ data: Typed<${dataName(title, code)}> }`}\n`,
  )
  const facts = codes.map(([code, { retryable }]) => `${code}: {${retryable === true ? ' retryable: true ' : ''}}`)
  const marker = isPage(io.output) ? "output: { '~page': true }, " : isStream(io.output) ? "output: { '~stream': true }, " : ''
  const text = [
    ...declared,
    `${comment(meta)}export const ${name} = {
  kind: ${toText(kind)},
  meta: { key: ${toText(meta.key)}, version: ${toText(meta.version)} },
  io: { ${marker}errors: {${facts.length === 0 ? '' : ` ${facts.join(', ')} `}} },
} as unknown as ClientContract<
  ${toText(kind)},
  ${toText(meta.key)},
  ${toText(meta.version)},
  Typed<${title}Input>,
  ${outputType(io.output, title)},
  ${errorTypes.length === 0 ? NOTHING : `{\n${errorTypes.map((line) => `  ${line}`).join('')}  }`}
>`,
  ]
  return { name, text: text.join('\n') }
}

const NOTHING = 'Record<never, never>'

/** The schema of what a page or a stream brings one by one. */
function itemOf(output: Schema): Schema | undefined {
  if (isPage(output)) return output['~page']
  return isStream(output) ? output['~stream'] : undefined
}

function outputOf({ operation, outputSchema }: OperationEntry): JsonSchema {
  const { output } = operation.io
  return isPage(output) ? jsonSchemaOf(output['~page'], 'output') : outputSchema
}

function outputType(output: Schema, title: string): string {
  if (isPage(output)) return `TypedPage<${title}Item>`
  return isStream(output) ? `TypedStream<${title}Item>` : `Typed<${title}Output>`
}

function dataName(title: string, code: string): string {
  return `${title}${code
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join('')}Data`
}

/** The type of a schema, and those of the parts that it refers to. */
function declare(name: string, schema: JsonSchema): string {
  const { $defs } = schema
  const parts = Object.entries(isRecord($defs) ? $defs : {})
  const partName = (key: string) => `${name}_${key.replaceAll(/\W+/g, '_')}`
  const nameOf = (ref: string) => {
    const key = /^#\/\$defs\/([^/]+)$/.exec(ref)?.[1]
    return key === undefined ? name : partName(decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return [[name, schema] as const, ...parts.map(([key, part]) => [partName(key), part] as const)]
    .map(([title, part]) => `export type ${title} = ${toType(part, nameOf)}\n`)
    .join('\n')
}
