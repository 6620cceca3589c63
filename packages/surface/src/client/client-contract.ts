import type { ErrorDeclaration, Module, Page } from '@waymark/contract'

/** The types of a schema, without the schema. */
export interface Typed<In = unknown, Out = In> {
  readonly '~standard': { readonly types?: { readonly input: In; readonly output: Out } | undefined }
}

/** The types of a page of items. */
export interface TypedPage<Item> extends Typed<Page<Item>> {
  readonly '~page': unknown
}

/** The types of a stream of items. */
export interface TypedStream<Item> extends Typed<AsyncIterable<Item>> {
  readonly '~stream': Typed<Item>
}

/** What a client needs to know of the errors that a contract declares, by code. */
export type TypedErrors = {
  readonly [code: string]: ErrorDeclaration | { readonly retryable?: boolean; readonly data?: Typed | undefined }
}

/** What a client needs of an operation. Every contract has it, and so has what `waymark contracts client` writes. */
export interface ClientContract<
  Kind extends 'command' | 'query' = 'command' | 'query',
  Key extends string = string,
  Version extends string = string,
  I extends Typed = Typed,
  O extends Typed = Typed,
  E extends TypedErrors = TypedErrors,
> {
  readonly kind: Kind
  readonly meta: { readonly key: Key; readonly version: Version }
  readonly io: { readonly input: I; readonly output: O; readonly errors: E }
}

/** An operation, an event (which a client has no use for), or a module with both. */
export type ContractItem = ClientContract | { readonly kind: 'event' } | Module

/** What a client is made of: a module, a list, or a record whose names do not matter. */
export type Contracts = Module | readonly ContractItem[] | { readonly [name: string]: ContractItem }

/** The operations among them, as a union. */
export type OperationsOf<C extends Contracts> = C extends readonly (infer Item)[]
  ? OperationsOfItem<Item>
  : C extends Module
    ? OperationsOfItem<C>
    : OperationsOfItem<C[keyof C]>

type OperationsOfItem<Item> = Item extends { readonly kind: 'module'; readonly contracts: readonly (infer C)[] }
  ? OnlyOperations<C>
  : OnlyOperations<Item>
type OnlyOperations<C> = C extends ClientContract ? C : never

export type In<T extends Typed> = NonNullable<T['~standard']['types']>['input']
export type Out<T extends Typed> = NonNullable<T['~standard']['types']>['output']
