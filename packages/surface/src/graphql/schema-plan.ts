import type { OperationEntry } from '@waymark/contract'

/** A use of a type: by name, or a list of a use. */
export type TypeUse = { readonly nullable: boolean } & ({ readonly name: string } | { readonly items: TypeUse })

/** A field, and what it is called in JSON. */
export interface PlannedField {
  readonly name: string
  readonly wire: string
  readonly use: TypeUse
  readonly description: string | undefined
}

/** One alternative of a union, and which values are its. */
export interface PlannedMember {
  readonly name: string
  readonly matches: (value: unknown) => boolean
}

/** A named type before there is a schema. */
export type PlannedType = { readonly name: string; readonly description: string | undefined } & (
  | { readonly kind: 'object' | 'input'; readonly fields: readonly PlannedField[] }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'union'; readonly members: readonly PlannedMember[] }
)

/** An operation as a field of a root type. */
export interface PlannedOperation {
  readonly entry: OperationEntry
  readonly root: 'query' | 'mutation' | 'subscription'
  readonly name: string
  /** The argument `input`; undefined when the operation takes nothing. */
  readonly input: TypeUse | undefined
  readonly output: TypeUse
  readonly deprecated: string | undefined
}

/** A GraphQL schema as data: what `planSchema` makes of a registry. */
export interface SchemaPlan {
  readonly operations: readonly PlannedOperation[]
  readonly types: ReadonlyMap<string, PlannedType>
}
