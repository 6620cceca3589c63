import type { GroupHandler } from '@waymark/contract'
import type { MergeContract } from '../contracts/people.ts'
import { learnerSubject } from '../record/entry-row.ts'
import type { Journey } from './journey.ts'

/** `learning.onboarding.merge`: what belongs to one id becomes the learner's. */
export function merge(journey: Journey): GroupHandler<typeof MergeContract> {
  return {
    commit: 'group',
    handle: async ({ input: { learnerId, anonymousId }, principal, call, fail, check }) => {
      const { tenant } = principal
      if (principal.kind === 'learner' && principal.anonymousId !== anonymousId) {
        throw fail.FORBIDDEN({
          detail: `The learner token does not name ${anonymousId}. Sign it with the claim anonymous_id, or let a backend merge.`,
        })
      }
      const reporter = { principal, channel: call.channel, receivedAt: journey.now() }
      const [from, into] = [anonymousId, learnerId].map((id) => ({ tenant, subject: learnerSubject(id) })) as [Key, Key]
      const outcome = await journey.merge(from, into, reporter)
      if (outcome === 'conflict') throw fail.CONFLICT({ detail: mergedElsewhere(anonymousId) })
      const checked = check({ success: true, merged: outcome === 'merged' })
      if (!checked.ok) throw checked.error
      return checked.output
    },
  }
}

type Key = Parameters<Journey['merge']>[0]

/** What the second one learns who wants an id. */
export function mergedElsewhere(anonymousId: string): string {
  return `${anonymousId} was merged into another learner before. The first one keeps it.`
}
