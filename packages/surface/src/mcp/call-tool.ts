import type { CallToolRequest, CallToolResult } from '@modelcontextprotocol/server'
import {
  type Envelope,
  type FailInit,
  invoke,
  type OperationEntry,
  type Placed,
  type Problem,
  type ResultMeta,
  type Runtime,
  type Stream,
  toProblem,
} from '@waymark/contract'
import { ingestOperation, spoilItems } from '../rest/ingest-item.ts'
import { refuseInput } from '../rest/wire-input.ts'
import type { Caller } from './caller.ts'
import { readStream } from './read-stream.ts'
import { outputShapeOf } from './tool-output.ts'

/** The field of a call's `_meta` that holds what REST takes as the header `Idempotency-Key`. */
export const IDEMPOTENCY_KEY = 'waymark/idempotencyKey'

/** What a call needs of the request that brought it. */
export interface ToolCall {
  readonly caller: Caller
  readonly signal: AbortSignal
}

/** Calls an operation once. A problem is a result with `isError`, so that a model reads it and can mend its call. */
export async function callTool(
  runtime: Runtime,
  entry: OperationEntry,
  { arguments: given = {}, _meta = {} }: CallToolRequest['params'],
  { caller: { principal, requestId, flaws }, signal }: ToolCall,
): Promise<CallToolResult> {
  const key = _meta[IDEMPOTENCY_KEY]
  if (key !== undefined && (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))) return refused(requestId, ILLEGAL_KEY)
  const read = entry === ingestOperation(runtime.registry) ? spoilItems(given, flaws) : { input: given, flaws }
  const [flaw, ...others] = read.flaws
  if (flaw !== undefined) return refused(requestId, refuseInput([flaw, ...others]).init)
  const result = await invoke(runtime, entry.id, read.input, {
    principal,
    channel: 'mcp',
    requestId,
    signal: signal as NonNullable<Envelope['signal']>,
    // Of what is left: what was set aside can be nested deeper than the stack.
    inputBytes: new TextEncoder().encode(JSON.stringify(read.input)).byteLength,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
  if (!result.ok) return problemResult(result.problem, result.meta)
  switch (outputShapeOf(entry)) {
    case 'plain':
      return dataResult(result.data, result.meta)
    case 'result':
      return dataResult({ result: result.data }, result.meta)
    case 'items': {
      const from = typeof given.after === 'string' ? given.after : null
      const part = await readStream(result.data as Stream<Placed>, from, runtime.ports.after)
      return 'problem' in part ? problemResult(part.problem, result.meta) : dataResult(part, result.meta)
    }
  }
}

const ILLEGAL_KEY = refuseInput([
  {
    pointer: '',
    message: `${IDEMPOTENCY_KEY} in _meta needs 1 to 255 visible ASCII characters`,
    expected: '1 to 255 visible ASCII characters',
    received: 'something else',
  },
]).init

function refused(requestId: string, init: FailInit): CallToolResult {
  return problemResult(toProblem(undefined, 'VALIDATION_FAILED', requestId, init), { requestId })
}

function dataResult(data: unknown, meta: ResultMeta): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(data) }],
    structuredContent: data as Record<string, unknown>,
    _meta: metaOf(meta),
  }
}

/** A problem as the answer of a tool. */
export function problemResult(problem: Problem, meta: ResultMeta): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(problem) }],
    structuredContent: { ...problem },
    isError: true,
    _meta: metaOf(meta),
  }
}

/** What REST says in headers. */
function metaOf({ requestId, deprecation, replayed }: ResultMeta): Record<string, unknown> {
  return {
    'waymark/requestId': requestId,
    ...(deprecation === undefined ? {} : { 'waymark/deprecation': deprecation }),
    ...(replayed === true ? { 'waymark/idempotencyReplayed': true } : {}),
  }
}
