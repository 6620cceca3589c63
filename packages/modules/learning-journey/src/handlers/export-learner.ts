import type { InferInput, StreamHandler } from '@waymark/contract'
import { type ExportLearnerContract, KEPT } from '../contracts/people.ts'
import { learnerSubject } from '../record/entry-row.ts'
import { findPerson, readKept } from '../record/kept.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { parseCursor, toCursor } from './cursor.ts'
import { type Journey, toMoment } from './journey.ts'
import { sha256 } from './sha256.ts'

/** `learning.onboarding.exportLearner`: every row, part by part, and a manifest. A part's hash is that of its rows as lines of JSON. */
export function exportLearner({ store, now }: Journey): StreamHandler<typeof ExportLearnerContract> {
  return async ({ input, principal, fail }) => {
    const cursor = input.after === null ? undefined : parseCursor(input.after, ['number', 'string'])
    if (cursor === null) throw fail.VALIDATION_FAILED(validationProblem([NO_CURSOR]))
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
    // A place means something among the same rows alone.
    const mark = (await sha256(JSON.stringify(parts))).slice(0, 16)
    const [from, ofRows] = (cursor ?? [0, mark]) as [number, string]
    if (ofRows !== mark) throw fail.VALIDATION_FAILED(validationProblem([CHANGED]))
    return toStream(items.map((item, index) => ({ cursor: toCursor([index + 1, mark]), ...item })).slice(Math.max(from, 0)))
  }
}

async function* toStream<Item extends InferInput<(typeof ExportLearnerContract)['io']['output']['~stream']>>(
  items: readonly Item[],
) {
  yield* items
}

const CHANGED = {
  pointer: '/after',
  message: 'What is kept of this person has changed since, so the export begins again: leave after out',
  expected: 'a cursor of what is kept now',
  received: 'a cursor of before',
}

const NO_CURSOR = {
  pointer: '/after',
  message: 'Expected the cursor of an item of this export',
  expected: 'a cursor of this stream',
  received: 'another text',
}
