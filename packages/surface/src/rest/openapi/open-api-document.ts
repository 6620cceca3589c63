import type { JsonSchema } from '@waymark/contract'

/** JSON that this package does not look into. */
export type Json = { readonly [key: string]: unknown }

export interface OperationObject extends Json {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Json>>
}

/** The methods of one path, in lower case. */
export type PathItem = Readonly<Partial<Record<'get' | 'post', OperationObject>>>

/**
 * An OpenAPI 3.1 document, as far as this package writes it.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly license?: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, Json>>
    readonly parameters: Readonly<Record<string, Json>>
    readonly headers: Readonly<Record<string, Json>>
    readonly securitySchemes: Readonly<Record<string, Json>>
  }
}
