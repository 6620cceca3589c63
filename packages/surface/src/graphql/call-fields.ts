import { type Envelope, invoke, type Principal, type Result, type Runtime } from '@waymark/contract'
import { GraphQLError } from 'graphql'
import type { StreamSlots } from '../rest/stream-slots.ts'
import type { FieldActions } from './build-schema.ts'
import { type GraphqlFailure, refusalFailure, toFailure } from './graphql-failure.ts'
import type { PlannedOperation, SchemaPlan } from './schema-plan.ts'
import { toWire } from './to-wire.ts'

/** What the fields of one document share. */
export interface CallContext {
  readonly envelope: Envelope & { readonly principal: Principal; readonly requestId: string }
  readonly idempotencyKey: string | undefined
  /** True when the answer of a command was kept from an earlier call. */
  isReplayed: boolean
  /** Gives the place of an open stream back. */
  leave: () => void
  /** True when a stream came to its own end: one that did not was cut off. */
  isComplete: boolean
}

/** What the fields of the root do: each is one call of the pipeline. */
export function callFields(runtime: Runtime, plan: SchemaPlan, slots: StreamSlots): FieldActions<CallContext> {
  async function call(operation: PlannedOperation, input: unknown, context: CallContext): Promise<Result & { ok: true }> {
    const result = await callOperation(runtime, operation, inputOf(plan, operation, input), context)
    if (!result.ok) throw toError(toFailure(result.problem, operation.entry.operation))
    return result
  }

  return {
    async resolve(operation, input, context) {
      const { data, meta } = await call(operation, input, context)
      if (meta.replayed === true) context.isReplayed = true
      return data
    },
    async subscribe(operation, input, context) {
      const leave = slots.take(context.envelope.principal)
      if (typeof leave !== 'function') throw toError(refusalFailure(leave, context.envelope.requestId))
      try {
        const { data } = await call(operation, input, context)
        context.leave = leave
        return noticingEnd(data as AsyncIterable<unknown>, context)
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

/** The library passes items on, and not what the iterator returns at its end. */
function noticingEnd(stream: AsyncIterable<unknown>, context: CallContext): AsyncIterable<unknown> {
  const iterator = stream[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = await iterator.next()
        if (result.done === true) context.isComplete = result.value === true
        return result
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  }
}

/** One call of the pipeline. @param input as the contract knows it. */
export function callOperation(
  runtime: Runtime,
  { entry }: PlannedOperation,
  input: unknown,
  { envelope, idempotencyKey }: Pick<CallContext, 'envelope' | 'idempotencyKey'>,
): Promise<Result> {
  const isLimited = entry.operation.policy.limits?.inputBytes !== undefined
  return invoke(runtime, entry.id, input, {
    ...envelope,
    ...(isLimited ? { inputBytes: UTF8.encode(JSON.stringify(input) ?? '').byteLength } : {}),
    ...(idempotencyKey === undefined || entry.operation.kind !== 'command' ? {} : { idempotencyKey }),
  })
}

const UTF8 = new TextEncoder()

/** An argument as the contract knows it. Who leaves the input of an operation out sends an empty one, as everywhere. */
export function inputOf(plan: SchemaPlan, { input: use }: PlannedOperation, value: unknown): unknown {
  if (use === undefined) return {}
  const isObject = 'name' in use && plan.types.get(use.name)?.kind === 'input'
  return isObject && (value === undefined || value === null) ? {} : toWire(plan, use, value)
}

function toError({ message, extensions }: GraphqlFailure): GraphQLError {
  return new GraphQLError(message, { extensions })
}
