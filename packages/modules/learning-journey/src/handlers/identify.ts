import type { GroupHandler } from '@waymark/contract'
import type { IdentifyContract } from '../contracts/people.ts'
import { identified, traitIssues } from '../record/person.ts'
import type { Journey } from './journey.ts'
import { sayOfPerson } from './say-of-person.ts'

/** `learning.onboarding.identify`: writes traits into the journal of a learner. */
export function identify(journey: Journey): GroupHandler<typeof IdentifyContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input } = context
      const { traits } = input
      const issues = await traitIssues(traits, journey.traits?.learner)
      return sayOfPerson(
        journey,
        input,
        issues,
        (said, reporter) => [identified({ ...said, traits }, reporter, journey.hash)],
        context,
      )
    },
  }
}
