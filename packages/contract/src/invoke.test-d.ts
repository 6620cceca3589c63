import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { meta } from '../test-support/meta.ts'
import { defineCommand } from './define.ts'
import { type Envelope, invoke } from './invoke.ts'
import type { Result } from './result.ts'
import type { Runtime } from './runtime.ts'

const Create = defineCommand({
  meta: meta('crm.deals.create'),
  io: { input: z.object({ amount: z.coerce.string() }), output: z.object({ id: z.string().default('none') }) },
  policy: { auth: 'user' },
})

export async function calls(runtime: Runtime, envelope: Envelope): Promise<void> {
  // By contract both sides are typed.
  const typed = await invoke(runtime, Create, { amount: 1 }, envelope)
  expectTypeOf(typed).toEqualTypeOf<Result<{ id: string }>>()
  // @ts-expect-error the input is the one of the contract
  await invoke(runtime, Create, { sum: 1 }, envelope)
  // @ts-expect-error a call says who makes it
  await invoke(runtime, Create, { amount: 1 }, { channel: 'test' })

  // By id nothing is known: the input is checked when it comes, the output has to be looked at.
  expectTypeOf(await invoke(runtime, 'crm.deals.create', 7, envelope)).toEqualTypeOf<Result<unknown>>()

  // A result is one of two things, and says which.
  if (typed.ok) expectTypeOf(typed.data.id).toEqualTypeOf<string>()
  else expectTypeOf(typed.problem.status).toEqualTypeOf<number>()
  // @ts-expect-error the data is there only when it succeeded
  typed.data
}
