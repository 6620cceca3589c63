/**
 * One GraphQL request from its document to its response. The order is that of a call: who calls, what is asked, whether it is too much,
 * whether it fits the schema. Then each field of the root is one call of the pipeline; nothing else reaches a handler.
 */
import { type Envelope, type Issue, type Stream, StreamError, toProblem, validate } from '@waymark/contract'
import {
  type DocumentNode,
  type ExecutionResult,
  executeRootSelectionSet,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  printSchema,
  subscribe,
  validateExecutionArgs,
} from 'graphql'
import { GRAPHQL_ERRORS, type GraphqlCode } from '../errors.ts'
import { idempotencyKeyIssue } from '../rest/idempotency-key.ts'
import { lifecycleHeaders } from '../rest/lifecycle-headers.ts'
import type { HeaderList } from '../rest/respond.ts'
import { refuse, refuseInput } from '../rest/wire-input.ts'
import { buildSchema } from './build-schema.ts'
import { type CallContext, callFields, callOperation, inputOf } from './call-fields.ts'
import type { GraphqlOptions } from './create-graphql.ts'
import { createDocumentCache } from './document-cache.ts'
import { DEFAULT_LIMITS } from './document-limits.ts'
import type { GraphqlResult } from './event-stream-format.ts'
import { type GraphqlFailure, graphqlFailure, refusalFailure, toFailure } from './graphql-failure.ts'
import { eventsResponse, failureResponse, resultResponse, type Sending } from './graphql-response.ts'
import { acceptedType } from './media-types.ts'
import { atItsPlace, type Preparing, prepareDocument } from './prepare-document.ts'
import { type GraphqlRequest, readRequest } from './read-request.ts'
import { inputsOf, itemsOf, type RootField, rootFields } from './root-fields.ts'
import type { SchemaPlan } from './schema-plan.ts'
import { findBadVariables } from './variable-issues.ts'

type Failures = readonly [GraphqlFailure, ...GraphqlFailure[]]

/** Executes requests against a plan, whose schema it builds. */
export function createExecutor(plan: SchemaPlan, options: Required<GraphqlOptions>) {
  const { runtime, authenticate, slots, heartbeatMs, bodyLimit } = options
  const { registry, ports } = runtime
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const schema = buildSchema(plan, callFields(runtime, plan, slots))
  const byName = new Map(plan.operations.map((planned) => [planned.name, planned]))
  const preparing: Preparing = { schema, limits, cache: createDocumentCache() }

  async function answer(request: Request, requestId: string): Promise<Response> {
    const accepted = acceptedType(request.headers.get('accept'))
    const sending: Sending = { type: accepted ?? 'application/json', heartbeatMs, after: ports.after }
    const refused = (failures: Failures, more: Partial<Sending> = {}) => failureResponse(failures, { ...sending, ...more }, false)
    if (accepted === undefined) return refused([refusalFailure(NOT_ACCEPTABLE, requestId)])
    const principal = await authenticate(request)
    if (principal.kind === 'invalid') {
      return refused([toFailure(toProblem(undefined, 'UNAUTHENTICATED', requestId, { detail: principal.detail }))])
    }
    const read = await readRequest(request, bodyLimit)
    if (!read.ok) {
      const { code, init } = read
      return refused([isGraphqlCode(code) ? graphqlFailure(code, requestId, init) : refusalFailure({ code, init }, requestId)])
    }
    const prepared = prepareDocument(read.request.query, preparing, requestId)
    if (!prepared.ok) return failureResponse(prepared.failures, sending, true)
    const operation = getOperationAST(prepared.document, read.request.operationName)
    if (!operation) return refused([graphqlFailure('GRAPHQL_REQUEST_INVALID', requestId, { detail: nameWanted(read.request) })])
    if (request.method !== 'POST' && operation.operation === 'mutation') {
      return refused([refusalFailure(GET_CHANGES_NOTHING, requestId)], { headers: [['allow', 'POST']] })
    }
    const isStream = operation.operation === 'subscription'
    if (isStream && accepted !== 'text/event-stream') {
      return refused([refusalFailure(NO_STREAM, requestId)])
    }
    const controller = new AbortController()
    const context: CallContext = {
      envelope: {
        principal,
        channel: 'graphql',
        requestId,
        signal: (isStream ? AbortSignal.any([request.signal, controller.signal]) : request.signal) as NonNullable<
          Envelope['signal']
        >,
      },
      idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
      isReplayed: false,
      leave: () => {},
      isComplete: false,
    }
    const { document } = prepared
    return execute({ document, operation, variables: read.request.variables, context, controller, sending })
  }

  async function execute(call: Execution): Promise<Response> {
    const { document, operation, variables, context, controller, sending } = call
    const { requestId } = context.envelope
    const fields = rootFields(byName, document, operation)
    const failed = (failures: Failures) => failureResponse(failures, sending, true)
    const tooMuch = (detail: string) => failed([graphqlFailure('GRAPHQL_LIMIT_EXCEEDED', requestId, { detail })])
    if (fields.length > limits.operations) {
      return tooMuch(
        `The document calls ${fields.length} operations; at most ${limits.operations} are taken. Send several requests.`,
      )
    }
    const badKey = keyIssue(context.idempotencyKey, fields)
    if (badKey !== undefined) return failed([refusalFailure(refuseInput([badKey]), requestId)])
    const args = {
      schema,
      document,
      variableValues: variables,
      contextValue: context,
      // Its words are not used: each of them would show the whole value.
      hideSuggestions: true,
      options: { maxCoercionErrors: 1 },
      ...(operation.name === undefined ? {} : { operationName: operation.name.value }),
    }
    const validated = validateExecutionArgs(args)
    if (!('schema' in validated)) return failed([await variableFailure(validated, call, fields)])
    const inputs = tryInputs(() => inputsOf(fields, schema, validated))
    if (inputs instanceof GraphQLError) return failed([atItsPlace('GRAPHQL_VALIDATION_FAILED', inputs, requestId)])
    const items = itemsOf(fields, inputs)
    if (items > limits.items) {
      return tooMuch(
        `The pages of the document may bring ${items} items; at most ${limits.items} are taken. Lower limit, or send several requests.`,
      )
    }
    const headers = deprecationHeaders(fields)
    if (operation.operation === 'subscription') {
      const events = await subscribe(args)
      if (!(Symbol.asyncIterator in events)) return resultResponse(formatted(events, requestId), { ...sending, headers })
      const onEnd = () => {
        context.leave()
        // Whatever waits for the next item is settled by this.
        controller.abort()
      }
      const stream = toStream(events, context)
      return eventsResponse(stream, { ...sending, headers }, onEnd, fields[0]?.operation.entry.operation)
    }
    const result = formatted(await executeRootSelectionSet(validated), requestId)
    const replayed: HeaderList = context.isReplayed ? [['idempotency-replayed', 'true']] : []
    return resultResponse(result, { ...sending, headers: [...headers, ...replayed] })
  }

  /**
   * Where the variable is the whole input of an operation and the contract refuses it too, the pipeline says so in its own words, and
   * in its own order: a caller who may not call learns that first. It does not come to the handler with an input that it refuses.
   */
  async function variableFailure(
    errors: readonly GraphQLError[],
    { operation, variables, context }: Execution,
    fields: readonly RootField[],
  ): Promise<GraphqlFailure> {
    const { requestId } = context.envelope
    const bad = findBadVariables(schema, operation, variables)
    const whole = bad.find(({ inputOf }) => inputOf !== undefined)
    const planned = fields.find(({ node }) => node.name.value === whole?.inputOf)?.operation
    if (whole !== undefined && planned !== undefined) {
      const { operation: contract } = planned.entry
      const input = inputOf(plan, planned, whole.value)
      const checked = await validate(contract.io.input, input)
      const result = checked.ok ? undefined : await callOperation(runtime, planned, input, context)
      if (result?.ok === false) return toFailure(result.problem, contract)
    }
    const [first, ...others] = bad.flatMap(({ issues }) => issues)
    if (first !== undefined) return refusalFailure(refuseInput([first, ...others]), requestId)
    return graphqlFailure('GRAPHQL_VALIDATION_FAILED', requestId, { detail: errors[0]?.message ?? 'The variables do not fit.' })
  }

  function formatted({ data, errors }: ExecutionResult, requestId: string): GraphqlResult {
    return {
      ...(errors === undefined ? {} : { errors: errors.map((error) => failureOf(error, requestId)) }),
      ...(data === undefined ? {} : { data }),
    }
  }

  /** An error that no call made is a defect of ours, whose text stays here. */
  function failureOf(error: GraphQLError, requestId: string): GraphqlFailure {
    const { message, locations, path, extensions } = error.toJSON()
    const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) }
    if (typeof extensions?.code === 'string') return { message, ...place, extensions: extensions as GraphqlFailure['extensions'] }
    ports.onFailure?.({ requestId, operation: `graphql ${path?.join('.') ?? ''}`, error })
    return { ...toFailure(toProblem(undefined, 'INTERNAL', requestId)), ...place }
  }

  function toStream(events: AsyncGenerator<ExecutionResult, void, void>, context: CallContext): Stream<GraphqlResult> {
    const { requestId } = context.envelope
    const iterator: AsyncIterator<GraphqlResult> = {
      async next() {
        const result = await events.next().catch(asStreamError)
        return result.done === true
          ? { done: true, value: context.isComplete }
          : { done: false, value: formatted(result.value, requestId) }
      },
      async return() {
        await events.return()
        return { done: true, value: undefined }
      },
    }
    return { [Symbol.asyncIterator]: () => iterator }
  }

  /** A deprecated operation says on every answer when it ends; of several, the one that ends first. */
  function deprecationHeaders(fields: readonly RootField[]): HeaderList {
    const ends = ({ operation: { entry } }: RootField) => Date.parse(entry.operation.meta.deprecation?.sunset ?? '')
    const [first] = fields.filter((field) => !Number.isNaN(ends(field))).sort((a, b) => ends(a) - ends(b))
    // Its successor is no address here: the schema names the field.
    return first === undefined ? [] : lifecycleHeaders(first.operation.entry, registry).filter(([name]) => name !== 'link')
  }

  let sdl: string | undefined
  return {
    answer,
    /** Printed once, when it is first asked for. */
    sdl() {
      sdl ??= `${printSchema(schema)}\n`
      return sdl
    },
  }
}

interface Execution {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: GraphqlRequest['variables']
  readonly context: CallContext
  readonly controller: AbortController
  readonly sending: Sending
}

const NOT_ACCEPTABLE = refuse('NOT_ACCEPTABLE', {
  detail:
    'A response is application/graphql-response+json, application/json or text/event-stream. Ask for one of them with Accept.',
})
const NO_STREAM = refuse('NOT_ACCEPTABLE', {
  detail: 'A subscription is a stream. Ask for it with Accept: text/event-stream.',
})
const GET_CHANGES_NOTHING = refuse('METHOD_NOT_ALLOWED', { detail: 'A mutation changes something. Send it by POST.' })

function isGraphqlCode(code: string): code is GraphqlCode {
  return Object.hasOwn(GRAPHQL_ERRORS, code)
}

function nameWanted({ operationName }: GraphqlRequest): string {
  return operationName === undefined
    ? 'The document has several operations, or none. Say which one to execute with operationName.'
    : `The document has no operation ${JSON.stringify(operationName)}. Name one of those it has.`
}

/** One key stands for one command: with two, a repeat could not say which of them it means. */
function keyIssue(key: string | undefined, fields: readonly RootField[]): Issue | undefined {
  const commands = fields.filter(({ operation }) => operation.root === 'mutation').length
  if (key === undefined || commands < 2) return idempotencyKeyIssue(key)
  const message = 'The header Idempotency-Key is for one mutation. Send each in a request of its own, or leave the header out'
  return { pointer: '', message, expected: 'one mutation', received: `${commands} mutations` }
}

function tryInputs(read: () => readonly unknown[]): readonly unknown[] | GraphQLError {
  try {
    return read()
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

function asStreamError(error: unknown): never {
  const { cause } = error as { readonly cause?: unknown }
  throw cause instanceof StreamError ? cause : error
}
