import type { InferInput, StreamHandler } from '@waymark/contract'
import type { Fact, WatchFactsContract } from '../contracts/watch-facts.ts'
import type { StoredFact } from '../ports/index.ts'
import { idsOf, learnerSubject } from '../record/entry-row.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { parseFactCursor, toFactCursor } from '../relay/fact-cursor.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.watchFacts`: stored facts behind the cursor, and then those that come. */
export function watchFacts({ feed, hash, store }: Journey): StreamHandler<typeof WatchFactsContract> {
  return async ({ input, principal, fail }) => {
    const { tenant } = principal
    const after = input.after === null ? undefined : parseFactCursor(tenant, input.after, hash)
    if (input.after !== null && after === undefined) throw fail.VALIDATION_FAILED(validationProblem([FOREIGN_CURSOR]))
    const named = input.learnerId === undefined ? undefined : learnerSubject(input.learnerId)
    const subject = named === undefined ? undefined : ((await store.readMerged({ tenant, subject: named })) ?? named)
    const facts = await feed.follow({ tenant, subject, after })
    const toItem = (fact: StoredFact) => toFact(fact, toFactCursor(tenant, fact.position, hash))
    return {
      cursor: toFactCursor(tenant, facts.position, hash),
      [Symbol.asyncIterator]: () => ({
        async next() {
          for (;;) {
            const result = await facts.next()
            if (result.done === true) return result
            // Those who are held out do not learn of it.
            if (principal.kind === 'learner' && result.value.heldOut) continue
            return { done: false, value: toItem(result.value) }
          }
        },
        return: () => facts.return(),
      }),
    }
  }
}

const FOREIGN_CURSOR = {
  pointer: '/after',
  message: 'Expected the cursor of an item that this tenant got. Leave it out to start from now on',
  expected: 'a cursor of this stream',
  received: 'another text',
}

function toFact(fact: StoredFact, cursor: string): InferInput<typeof Fact> {
  return {
    cursor,
    factId: fact.factId,
    name: fact.name,
    ...idsOf(fact.subject),
    trackId: fact.track === '' ? null : fact.track,
    stepId: fact.step,
    run: fact.run,
    occurredAt: toMoment(fact.occurredAt),
    cause: { eventId: fact.causeId, sourceModule: fact.causeSource === '' ? null : fact.causeSource },
    backfilled: fact.backfilled,
    data: JSON.parse(fact.data),
  }
}
