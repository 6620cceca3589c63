import type { InferInput, StreamHandler } from '@waymark/contract'
import { type ExportLearnerContract, KEPT } from '../contracts/people.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { findPerson, readKept } from '../record/kept.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { type Journey, toMoment } from './journey.ts'
import { sha256 } from './sha256.ts'

/** `learning.onboarding.exportLearner`: every row, part by part, and a manifest. A part's hash is that of its rows as lines of JSON. */
export function exportLearner({ store, now }: Journey): StreamHandler<typeof ExportLearnerContract> {
  return async ({ input, principal, fail }) => {
    const after = input.after === null ? 0 : Number(input.after)
    if (!Number.isSafeInteger(after) || after < 0) throw fail.VALIDATION_FAILED(validationProblem([NO_CURSOR]))
    const generatedAt = toMoment(now())
    const person = await findPerson(store, { tenant: principal.tenant, subject: learnerSubject(input.learnerId) })
    const kept = await readKept(store, person)
    const items: { part: (typeof KEPT)[number] | 'manifest'; data: Record<string, unknown> }[] = []
    const parts: Record<string, { count: number; sha256: string }> = {}
    for (const part of KEPT) {
      const rows = kept[part]
      for (const row of rows) items.push({ part, data: { ...row } })
      parts[part] = { count: rows.length, sha256: await sha256(rows.map((row) => `${JSON.stringify(row)}\n`).join('')) }
    }
    items.push({ part: 'manifest', data: { learnerId: input.learnerId, generatedAt, parts } })
    return toStream(items.map((item, index) => ({ cursor: String(index + 1), ...item })).slice(after))
  }
}

async function* toStream<Item extends InferInput<(typeof ExportLearnerContract)['io']['output']['~stream']>>(
  items: readonly Item[],
) {
  yield* items
}

const NO_CURSOR = {
  pointer: '/after',
  message: 'Expected the cursor of an item of this export',
  expected: 'a cursor of this stream',
  received: 'another text',
}
