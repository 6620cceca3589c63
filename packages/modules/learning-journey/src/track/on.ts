import type { EventContract, PayloadOf } from '@waymark/contract'
import type { ConditionModel, LeafModel, Operators, Scalar } from '../engine/index.ts'
import { OPERATOR_NAMES } from '../engine/index.ts'

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

/** Conditions on the fields of a payload: a bare value means `eq`, and an object without operators goes one level down. */
export type Where<P> = { readonly [Field in keyof P]?: WhereField<Exclude<P[Field], undefined>> }

// Operators of the whole union, null included: `in: ['pro', 'team']`, `ne: null`.
type WhereField<T> = OperatorsFor<T> | Extract<T, Scalar> | Nested<T>

type Nested<T> = T extends Scalar | readonly unknown[] ? never : T extends object ? Where<T> : never

/** A limit may lie between the values of an enum. */
type Ordered<T> = T extends string ? string : T extends number ? number : never

/** A condition under construction: immutable, every method returns a new one. */
export interface EventCondition<E extends EventContract> {
  readonly model: LeafModel
  /** Only events whose payload is like this. */
  where(where: Where<PayloadOf<E>>): EventCondition<E>
  /** How many events it takes. */
  atLeast(count: number): EventCondition<E>
  /** Count only events with a new value in this field. */
  distinctBy(field: keyof PayloadOf<E> & string): EventCondition<E>
  /** Only events that this part of the product reported. */
  from(source: string): EventCondition<E>
  /** Which events count: since the run started (default), ever, or only after the step was unlocked. */
  lookback(lookback: 'sinceEnrolment' | 'ever' | 'afterUnlock'): EventCondition<E>
  /** An event that this step takes is not counted by exclusive conditions of later steps. */
  exclusive(): EventCondition<E>
  /** Also count events that the learner's own app reports. */
  trustClient(): EventCondition<E>
}

/** A condition of a step. */
export type Condition = { readonly model: ConditionModel }

/** Starts a condition on an event contract. The major version of the contract becomes part of it. */
export function on<E extends EventContract>(event: E): EventCondition<E> {
  return condition({ event: event.meta.key, version: String(Number.parseInt(event.meta.version, 10)) })
}

/** All of the conditions. */
export function all(...conditions: readonly Condition[]): Condition {
  return { model: { all: conditions.map(({ model }) => model) } }
}

/** One of the conditions. */
export function any(...conditions: readonly Condition[]): Condition {
  return { model: { any: conditions.map(({ model }) => model) } }
}

/** The conditions one after the other. */
export function sequence(...conditions: readonly Condition[]): Condition {
  return { model: { sequence: conditions.map(({ model }) => model) } }
}

function condition<E extends EventContract>(model: LeafModel): EventCondition<E> {
  const next = (change: Partial<LeafModel>) => condition<E>({ ...model, ...change })
  return Object.freeze({
    model: Object.freeze(model),
    where: (where: object) => next({ where: { ...model.where, ...toPointers(where, '') } }),
    atLeast: (atLeast: number) => next({ atLeast }),
    distinctBy: (field: string) => next({ distinctBy: `/${escapeToken(field)}` }),
    from: (source: string) => next({ source }),
    lookback: (lookback: NonNullable<LeafModel['lookback']>) => next({ lookback }),
    exclusive: () => next({ consume: 'exclusive' }),
    trustClient: () => next({ trust: 'client' }),
  })
}

function toPointers(where: object, base: string): Record<string, Operators | Scalar> {
  return Object.fromEntries(
    Object.entries(where).flatMap(([field, wanted]) => {
      const pointer = `${base}/${escapeToken(field)}`
      return isNested(wanted) ? Object.entries(toPointers(wanted, pointer)) : [[pointer, wanted]]
    }),
  )
}

function isNested(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Object.keys(value).every((key) => (OPERATOR_NAMES as string[]).includes(key))
  )
}

function escapeToken(field: string): string {
  return field.replaceAll('~', '~0').replaceAll('/', '~1')
}
