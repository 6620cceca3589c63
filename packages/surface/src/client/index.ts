/** Call the operations of a server as functions, with the types of their contracts, from any runtime that has `fetch`. */
export type {
  AnsweredProblem,
  CallDeprecation,
  CallError,
  CallFailure,
  CallMeta,
  CallResult,
  ReservedProblem,
} from './call-result.ts'
export type { Client, OperationCall, PageCall, StreamCall, UnaryCall } from './client.ts'
export type { ClientContract, Contracts, OperationsOf, Typed, TypedPage, TypedStream } from './client-contract.ts'
export type { CallOptions, ClientOptions, RetryNotice, StreamOptions } from './client-options.ts'
export { createClient } from './create-client.ts'
