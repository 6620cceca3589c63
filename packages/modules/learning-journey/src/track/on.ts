import type { EventContract, PayloadOf } from '@waymark/contract'
import type { ConditionModel, LeafModel } from '../engine/index.ts'
import { pointerTo, toPointers, type Where } from './typed-where.ts'

declare const FIELDS: unique symbol

/** A condition of a step or branch. `Field` is what the payloads of all its events have in common, for `correlate`. */
export interface Condition<Field extends string = string> {
  readonly model: ConditionModel
  /** Never there: it only carries the type. */
  readonly [FIELDS]?: Field
}

/** A condition on one event, whichever it is. */
export interface SomeEventCondition extends Condition {
  readonly model: LeafModel
}

/** The fields that all of the conditions have in common. */
export type CommonField<C extends Condition> = (
  C extends { readonly [FIELDS]?: infer Field }
    ? (field: Exclude<Field, undefined>) => void
    : never
) extends (field: infer Field extends string) => void
  ? Field
  : never

type FieldOf<E extends EventContract> = keyof PayloadOf<E> & string

/** The fields of a payload that hold a number, or may. */
export type NumberField<E extends EventContract> = {
  [Field in FieldOf<E>]: unknown extends PayloadOf<E>[Field]
    ? Field
    : Exclude<PayloadOf<E>[Field], undefined | null> extends number
      ? Field
      : never
}[FieldOf<E>]

/** A condition under construction: immutable, every method returns a new one. */
export interface EventCondition<E extends EventContract> extends Condition<FieldOf<E>> {
  readonly model: LeafModel
  /** Only events whose payload is like this. */
  where(where: Where<PayloadOf<E>>): EventCondition<E>
  /** How many events it takes. */
  atLeast(count: number): EventCondition<E>
  /** Count only events with a new value in this field. */
  distinctBy(field: FieldOf<E>): EventCondition<E>
  /** What a field of the events has to add up to, instead of how many they are. */
  sum(field: NumberField<E>, atLeast: number): EventCondition<E>
  /** Only events of the first while (`P7D`, `PT24H`) after the run started, or after the step was unlocked. */
  within(duration: string, since?: 'enrolment' | 'unlock'): EventCondition<E>
  /** All events within a while (`PT24H`), whenever that is. */
  sliding(duration: string): EventCondition<E>
  /** Only events that this part of the product reported. */
  from(source: string): EventCondition<E>
  /** Which events count: since the run started (default), ever, or only after the step was unlocked. */
  lookback(lookback: 'sinceEnrolment' | 'ever' | 'afterUnlock'): EventCondition<E>
  /** An event that this step takes is not counted by exclusive conditions of later steps. */
  exclusive(): EventCondition<E>
  /** Also count events that the learner's own app reports. */
  trustClient(): EventCondition<E>
}

/** Starts a condition on an event contract. The major version of the contract becomes part of it. */
export function on<E extends EventContract>(event: E): EventCondition<E> {
  return condition({ event: event.meta.key, version: String(Number.parseInt(event.meta.version, 10)) })
}

function condition<E extends EventContract>(model: LeafModel): EventCondition<E> {
  const next = (change: Partial<LeafModel>) => condition<E>({ ...model, ...change })
  return Object.freeze({
    model: Object.freeze(model),
    where: (where: object) => next({ where: { ...model.where, ...toPointers(where) } }),
    atLeast: (atLeast: number) => next({ atLeast }),
    distinctBy: (field: string) => next({ distinctBy: pointerTo(field) }),
    sum: (field: string, atLeast: number) => next({ sum: { of: pointerTo(field), atLeast } }),
    within: (within: string, since: 'enrolment' | 'unlock' = 'enrolment') => next({ window: { since, within } }),
    sliding: (sliding: string) => next({ window: { sliding } }),
    from: (source: string) => next({ source }),
    lookback: (lookback: NonNullable<LeafModel['lookback']>) => next({ lookback }),
    exclusive: () => next({ consume: 'exclusive' }),
    trustClient: () => next({ trust: 'client' }),
  })
}
