import type { CallError, CallResult } from './call-result.ts'
import type { ClientContract, In, Out, Typed, TypedErrors } from './client-contract.ts'
import type { CallOptions, StreamOptions } from './client-options.ts'

/** The operations as functions, at their keys: `learning.onboarding.recordEvent` is `client.learning.onboarding.recordEvent`. */
export type Client<C extends ClientContract> = Branch<{
  readonly [Operation in C as NameOf<Operation, C>]: OperationCall<Operation>
}>

/** Major 1 has the plain key; so has major 0 where there is no 1. Others say their major: `crm.deals.createV2`. */
type NameOf<C extends ClientContract, All extends ClientContract> = C['meta'] extends {
  readonly key: infer Key extends string
  readonly version: `${infer Major}.${string}`
}
  ? Major extends '1'
    ? Key
    : Major extends '0'
      ? [Extract<All, ClientContract<'command' | 'query', Key, `1.${string}`>>] extends [never]
        ? Key
        : `${Key}V0`
      : `${Key}V${Major}`
  : never

type Branch<Calls> = {
  readonly [Head in HeadOf<keyof Calls & string>]: Head extends keyof Calls
    ? Calls[Head]
    : Branch<{ readonly [Name in keyof Calls & string as Name extends `${Head}.${infer Rest}` ? Rest : never]: Calls[Name] }>
}

type HeadOf<Name extends string> = Name extends `${infer Head}.${string}` ? Head : Name

/** How an operation is called. */
export type OperationCall<C extends ClientContract> = C['io']['output'] extends { readonly '~stream': infer Item extends Typed }
  ? StreamCall<In<C['io']['input']>, Out<Item>, C['io']['errors']>
  : C['io']['output'] extends { readonly '~page': unknown }
    ? PageCall<In<C['io']['input']>, Out<C['io']['output']>, C['io']['errors']>
    : UnaryCall<In<C['io']['input']>, Out<C['io']['output']>, C['io']['errors']>

/** Calls once, and again where that is safe and may help. */
export type UnaryCall<Input, Output, E extends TypedErrors> = (
  ...args: Arguments<Input, CallOptions>
) => Promise<CallResult<Output, CallError<E>>>

/** Asks for one page; `all` goes through all of them. */
export interface PageCall<Input, Output, E extends TypedErrors> {
  (...args: Arguments<Input, CallOptions>): Promise<CallResult<Output, CallError<E>>>
  /** Every item from the given cursor on, page by page, each as a result of which only the last can be an error. The options are those of each page. */
  readonly all: (
    ...args: Arguments<Input, CallOptions>
  ) => AsyncIterable<CallResult<Output extends { readonly items: readonly (infer Item)[] } ? Item : never, CallError<E>>>
}

/**
 * Follows a stream, and goes on where it was when the connection is lost. Each item comes as a result, of which only the last can be an
 * error. It ends when the server says that nothing more will come, with an error that trying again does not mend, and when it is aborted.
 */
export type StreamCall<Input, Item, E extends TypedErrors> = (
  ...args: Arguments<Input, StreamOptions>
) => AsyncIterable<CallResult<Item, CallError<E>>>

/** An input whose fields may all be absent may be absent itself. */
type Arguments<Input, Options> =
  Record<never, never> extends Input ? [input?: Input, options?: Options] : [input: Input, options?: Options]
