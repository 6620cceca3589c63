import { type EventEntry, jsonSchemaOf, type OperationEntry, type Registry } from '@waymark/contract'
import { operationIdOf } from '../rest/openapi/operation-name.ts'

/** An operation as data: all that its contract says, and the tool that calls it. */
export function describeOperation(
  { id, operation, subject, inputSchema, outputSchema, ...entry }: OperationEntry,
  registry: Registry,
) {
  const { kind, meta, policy, io, emits } = operation
  const errors = Object.entries(io.errors).map(([code, { data, ...error }]) => ({
    code,
    ...error,
    ...(data === undefined ? {} : { data: jsonSchemaOf(data, 'output') }),
  }))
  return {
    id,
    kind,
    ...meta,
    tool: operationIdOf({ id, operation, subject, inputSchema, outputSchema, ...entry }, registry),
    policy: { ...policy, subject },
    input: inputSchema,
    output: outputSchema,
    errors,
    emits: emits.map((event) => `${event.meta.key}@${event.meta.version}`),
  }
}

/** An event contract as data. */
export function describeEvent({ id, event, payloadSchema }: EventEntry) {
  const { kind, meta, reportableBy, pii, retention } = event
  return { id, kind, ...meta, reportableBy, pii, retention, payload: payloadSchema }
}
