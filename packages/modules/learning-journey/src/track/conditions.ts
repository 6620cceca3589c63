import type { EventContract, PayloadOf } from '@waymark/contract'
import type { LeafModel } from '../engine/index.ts'
import { type CommonField, type Condition, type EventCondition, type NumberField, on } from './on.ts'
import { pointerTo, type Where } from './typed-where.ts'

/** All of the conditions. */
export function all<C extends readonly Condition[]>(...conditions: C): Condition<CommonField<C[number]>> {
  return { model: { all: conditions.map(({ model }) => model) } }
}

/** One of the conditions. */
export function any<C extends readonly Condition[]>(...conditions: C): Condition<CommonField<C[number]>> {
  return { model: { any: conditions.map(({ model }) => model) } }
}

/** The conditions one after the other. */
export function sequence<C extends readonly Condition[]>(...conditions: C): Condition<CommonField<C[number]>> {
  return { model: { sequence: conditions.map(({ model }) => model) } }
}

/** The condition, met by events with the same value in a field: all of one deal, say. The field has to be in the payload of each of its events. */
export function correlate<Field extends string>(field: NoInfer<Field>, condition: Condition<Field>): Condition<never> {
  return { model: { ...condition.model, correlate: pointerTo(field) } as LeafModel }
}

/** So many events, of those that are like `where`. */
export function count<E extends EventContract>(event: E, atLeast: number, where?: Where<PayloadOf<E>>): EventCondition<E> {
  return (where === undefined ? on(event) : on(event).where(where)).atLeast(atLeast)
}

/** So many events within a while, e.g. `PT24H`, whenever that is. */
export function inWindow<E extends EventContract>(event: E, atLeast: number, duration: string): EventCondition<E> {
  return on(event).atLeast(atLeast).sliding(duration)
}

/** So many different skills of which a score reached a minimum. */
export function mastery<E extends EventContract>(
  event: E,
  spec: {
    /** The field that names the skill. */
    readonly skillField: keyof PayloadOf<E> & string
    /** The field that holds the score. */
    readonly field: NumberField<E>
    readonly minimum: number
    readonly count: number
  },
): EventCondition<E> {
  const reached = { [spec.field]: { gte: spec.minimum } } as Where<PayloadOf<E>>
  return on(event).where(reached).distinctBy(spec.skillField).atLeast(spec.count)
}
