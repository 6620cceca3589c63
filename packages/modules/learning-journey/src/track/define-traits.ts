import { type InferInput, jsonSchemaOf, type Schema } from '@waymark/contract'
import type { TraitModel, WhereModel } from '../engine/index.ts'
import type { Condition } from './on.ts'
import { toPointers, type Where } from './typed-where.ts'

/** What subjects are like, as far as tracks may ask: declared once, so that conditions on it are checked. */
export interface Traits<L extends Schema = Schema, A extends Schema = Schema> {
  readonly kind: 'traits'
  readonly learner: TraitSet<L>
  readonly account: TraitSet<A>
  /** JSON Pointers of traits that are personal data. */
  readonly pii: readonly string[]
}

/** The traits of learners, or of accounts. */
export interface TraitSet<S extends Schema = Schema> {
  readonly schema: S
  /** A subject that is like this: an audience, or a condition of a step. */
  where(where: Where<InferInput<S>>): TraitCondition
}

/** A condition on traits. */
export interface TraitCondition extends Condition {
  /** As the audience of a track. */
  readonly audience: WhereModel
}

/**
 * Declares the traits of learners and accounts, which `identify` and `group` set. Every trait can be absent, whatever its schema says.
 * @throws what the schema library throws when a trait has no JSON Schema (transforms, custom checks).
 */
export function defineTraits<L extends Schema, A extends Schema>(spec: {
  readonly learner: L
  readonly account: A
  readonly pii?: readonly string[]
}): Traits<L, A> {
  return Object.freeze({
    kind: 'traits',
    learner: traitSet(spec.learner),
    account: traitSet(spec.account),
    pii: Object.freeze([...(spec.pii ?? [])]),
  })
}

function traitSet<S extends Schema>(schema: S): TraitSet<S> {
  jsonSchemaOf(schema, 'input')
  return Object.freeze({
    schema,
    where: (where: Where<InferInput<S>>): TraitCondition => {
      const audience = toPointers(where as object)
      const leaves: TraitModel[] = Object.entries(audience).map(([trait, is]) => ({ trait, is }))
      return Object.freeze({ audience, model: leaves.length === 1 ? (leaves[0] as TraitModel) : { all: leaves } })
    },
  })
}
