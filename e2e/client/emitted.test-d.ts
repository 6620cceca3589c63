import { LearningJourneyModule } from '@waymark/learning-journey'
import { createClient } from '@waymark/surface/client'
import { expectTypeOf } from 'vitest'
import { ServerModule } from '../../apps/server/src/database/contracts.ts'
import { contracts } from '../../docs/reference/generated/client.ts'

const options = { url: 'http://127.0.0.1:4400' }
const ofContracts = createClient(options, [LearningJourneyModule, ServerModule])
const ofTypes = createClient(options, contracts)

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Input<Call> = Call extends (input: infer I, ...rest: never[]) => unknown ? I : never
type Result<Call> = Call extends (...args: never[]) => infer R ? (R extends AsyncIterable<infer One> ? One : Awaited<R>) : never
type Data<Call> = Result<Call> extends infer R ? (R extends { ok: true; data: infer D } ? D : never) : never
type Item<Call> = Call extends { readonly all: infer All } ? Data<All> : 'it is no page'
type Failure<Call> = Result<Call> extends infer R ? (R extends { ok: false; error: infer E } ? E : never) : never
type Codes<Call> = Failure<Call> extends infer E ? (E extends { code: infer Code extends string } ? Code : never) : never
type ErrorData<Call, Code> = Extract<Failure<Call>, { code: Code }> extends { data: infer D } ? D : 'it has none'
/** Code by code, down to the data: the compiler compares what stands around it by its type arguments, and then lets differences pass. */
type SameErrors<A, B> = { [Code in Codes<A> | Codes<B>]: Same<ErrorData<A, Code>, ErrorData<B, Code>> }

/** The operations of which something differs, with what it is. */
type Differences<A, B> = {
  [Name in keyof A | keyof B]: Name extends keyof A & keyof B
    ? {
        input: Same<Input<A[Name]>, Input<B[Name]>>
        data: Same<Data<A[Name]>, Data<B[Name]>>
        item: Same<Item<A[Name]>, Item<B[Name]>>
        codes: Same<Codes<A[Name]>, Codes<B[Name]>>
      } & SameErrors<A[Name], B[Name]> extends Record<string, true>
      ? never
      : Name
    : Name
}[keyof A | keyof B]

// What was emitted calls the same operations, with the same inputs, data and errors, as the contracts that it was made of. But for one:
// `ingest` takes any item, so that a bad one costs no other, and documents which are good; the emitted type is that of the document.
expectTypeOf<Differences<typeof ofContracts.learning.onboarding, typeof ofTypes.learning.onboarding>>().toEqualTypeOf<'ingest'>()
expectTypeOf<Input<typeof ofTypes.learning.onboarding.ingest>>().toExtend<Input<typeof ofContracts.learning.onboarding.ingest>>()
expectTypeOf<Data<typeof ofTypes.learning.onboarding.ingest>>().toExtend<Data<typeof ofContracts.learning.onboarding.ingest>>()
expectTypeOf<Differences<typeof ofContracts.server.database, typeof ofTypes.server.database>>().toEqualTypeOf<never>()
expectTypeOf<keyof typeof ofTypes>().toEqualTypeOf<keyof typeof ofContracts>()
// Neither side is everything, which would be the same as whatever it is compared with.
expectTypeOf<Data<typeof ofTypes.server.database.backup>['bytes']>().toEqualTypeOf<number>()
expectTypeOf<Input<typeof ofContracts.learning.onboarding.exit>>().not.toBeAny()
