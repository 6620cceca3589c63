/** Declare commands, queries and events once; everything else is generated from them. */
export { canonicalJson } from './canonical-json.ts'
export { checkExamples } from './check-examples.ts'
export type {
  CommandContract,
  Contract,
  Deprecation,
  ErrorDeclaration,
  ErrorMap,
  EventContract,
  Example,
  InputOf,
  Limits,
  Meta,
  Module,
  Operation,
  OperationMeta,
  OutputOf,
  ParsedInputOf,
  PayloadOf,
  Policy,
  QueryContract,
  ResultInputOf,
  Stability,
} from './contract.ts'
export { defineCommand, defineEvent, defineModule, defineQuery } from './define.ts'
export { type Delivery, deliver, type EventEnvelope } from './deliver.ts'
export type { Emit, EmitOptions } from './emit.ts'
export { ContractError, type DefinitionCode, DefinitionError, type FailInit, RESERVED, type ReservedCode } from './errors.ts'
export type {
  DeliveredEvent,
  EventBinding,
  EventContext,
  EventHandler,
  EventHandlers,
  EventSource,
  EventsOf,
  Listener,
} from './event-handlers.ts'
export {
  type Binding,
  type CallInfo,
  type CheckedOutput,
  type Fail,
  type GroupHandler,
  type Handler,
  type HandlerContext,
  type Handlers,
  type Implementation,
  implement,
  type ListeningImplementation,
  type OutputCheck,
  type Signal,
  type StreamHandler,
} from './implement.ts'
export { type Envelope, invoke } from './invoke.ts'
export { StreamError } from './open-stream.ts'
export { isPage, type Page, type Paged, type PageRequest, type PageSchema, page } from './page.ts'
export { parsePointer, toPointer, valueAt } from './pointer.ts'
export { type Decision, type DenyReason, decide } from './policy.ts'
export {
  type AnonymousPrincipal,
  hasScope,
  type InvalidCredential,
  type LearnerPrincipal,
  type OperatorPrincipal,
  type Principal,
  type ServicePrincipal,
} from './principal.ts'
export { type Problem, toProblem } from './problem.ts'
export { composeRegistry, type EventEntry, majorOf, type OperationEntry, type Registry } from './registry.ts'
export type { Result, ResultMeta } from './result.ts'
export { createRuntime, type Ports, type Runtime, type Stage } from './runtime.ts'
export { type InferInput, type InferOutput, type JsonSchema, jsonSchemaOf, type Schema } from './schema.ts'
export { isStream, type Placed, type Resumable, type Stream, type StreamRequest, type StreamSchema, stream } from './stream.ts'
export type {
  Emitted,
  EmittedEvent,
  IdempotencyRecord,
  IdempotencyRecords,
  Inbox,
  InboxKey,
  Transaction,
  UnitOfWork,
} from './transaction.ts'
export { type Issue, MOST_ISSUES, summariseIssues, type Validated, validate } from './validation.ts'
