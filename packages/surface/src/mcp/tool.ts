import type { Tool } from '@modelcontextprotocol/server'
import { isStream, type OperationEntry, type Registry } from '@waymark/contract'
import { operationIdOf } from '../rest/openapi/operation-name.ts'
import { toOutputSchema } from './tool-output.ts'

/** The tool of an operation: its name is the key, with the major behind it where version 1 has the plain key. */
export function toTool(entry: OperationEntry, registry: Registry): Tool {
  const { inputSchema } = entry
  return {
    name: operationIdOf(entry, registry),
    title: titleOf(entry),
    description: descriptionOf(entry, registry),
    // Arguments are an object in any case, so a schema that does not say so says no less with it.
    inputSchema: { ...inputSchema, type: 'object' },
    outputSchema: toOutputSchema(entry) as NonNullable<Tool['outputSchema']>,
    annotations: annotationsOf(entry),
    _meta: { 'waymark/contract': entry.id },
  }
}

/** `learning.onboarding.recordEvent` is `Record event`. */
function titleOf({ operation: { meta } }: OperationEntry): string {
  const words = (meta.key.split('.').at(-1) as string).replace(
    /([a-z0-9])([A-Z])/g,
    (_, end, start) => `${end} ${start.toLowerCase()}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function descriptionOf({ operation: { meta, io } }: OperationEntry, registry: Registry): string {
  const { description, goal, context, deprecation } = meta
  const successor = deprecation?.successor === undefined ? undefined : registry.operation(deprecation.successor)
  return [
    description,
    goal,
    context,
    isStream(io.output) ? 'Reads what there is and waits a moment for more. Read on with `after`.' : undefined,
    deprecation && `Deprecated since ${deprecation.since}; it is switched off on ${deprecation.sunset}.`,
    successor && `Use ${operationIdOf(successor, registry)} instead.`,
  ]
    .filter((text) => text !== undefined)
    .join('\n\n')
}

function annotationsOf({ operation: { kind, policy } }: OperationEntry): NonNullable<Tool['annotations']> {
  if (kind === 'query') return { readOnlyHint: true, openWorldHint: false }
  const { destructive = false, idempotent = false } = policy
  return { readOnlyHint: false, destructiveHint: destructive, idempotentHint: idempotent, openWorldHint: false }
}
