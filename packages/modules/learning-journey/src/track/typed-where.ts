import { OPERATOR_NAMES, type Operators, type Scalar } from '../engine/index.ts'

/** The operators that fit a field of a type. */
export interface OperatorsFor<T> {
  readonly eq?: T
  readonly ne?: T
  readonly in?: readonly T[]
  readonly nin?: readonly T[]
  readonly gt?: Ordered<T>
  readonly gte?: Ordered<T>
  readonly lt?: Ordered<T>
  readonly lte?: Ordered<T>
  readonly exists?: boolean
  readonly contains?: T extends string ? string : T extends readonly (infer Item)[] ? Item : never
  readonly startsWith?: T extends string ? string : never
}

/** Conditions on the fields of a payload or of traits: a bare value means `eq`, and an object without operators goes one level down. */
export type Where<P> = { readonly [Field in keyof P]?: WhereField<Exclude<P[Field], undefined>> }

// Operators of the whole union, null included: `in: ['pro', 'team']`, `ne: null`.
type WhereField<T> = OperatorsFor<T> | Extract<T, Scalar> | Nested<T>

type Nested<T> = T extends Scalar | readonly unknown[] ? never : T extends object ? Where<T> : never

/** A limit may lie between the values of an enum. */
type Ordered<T> = T extends string ? string : T extends number ? number : never

/** The JSON form of a `where`: pointers to operators or a bare value. */
export function toPointers(where: object, base = ''): Record<string, Operators | Scalar> {
  return Object.fromEntries(
    Object.entries(where).flatMap(([field, wanted]) => {
      const pointer = `${base}${pointerTo(field)}`
      return isNested(wanted) ? Object.entries(toPointers(wanted, pointer)) : [[pointer, wanted]]
    }),
  )
}

/** The JSON Pointer of one field. */
export function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function isNested(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Object.keys(value).every((key) => (OPERATOR_NAMES as string[]).includes(key))
  )
}
