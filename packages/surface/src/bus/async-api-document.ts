import type { JsonSchema } from '@waymark/contract'

/** A reference within the document. */
export interface Reference {
  readonly $ref: string
}

/**
 * An AsyncAPI 3.0 document, as far as this package writes it.
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license?: { readonly name: string }
  }
  readonly defaultContentType: 'application/json'
  readonly channels: Readonly<Record<string, ChannelObject>>
  readonly operations: Readonly<Record<string, OperationObject>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly messages: Readonly<Record<string, MessageObject>>
  }
}

export interface ChannelObject {
  readonly address: string
  readonly description: string
  readonly messages: Readonly<Record<string, Reference>>
}

export interface OperationObject {
  /** As seen from the server. */
  readonly action: 'send'
  readonly channel: Reference
  readonly summary: string
  readonly messages: readonly Reference[]
}

export interface MessageObject {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly contentType: 'application/json'
  readonly tags: readonly { readonly name: string }[]
  readonly headers: JsonSchema
  readonly payload: Reference
  readonly 'x-stability': string
}
