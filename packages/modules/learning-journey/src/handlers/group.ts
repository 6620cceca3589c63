import type { GroupHandler } from '@waymark/contract'
import type { GroupContract } from '../contracts/people.ts'
import { grouped, traitIssues } from '../record/person.ts'
import type { Journey } from './journey.ts'
import { sayOfPerson } from './say-of-person.ts'

/** `learning.onboarding.group`: writes the membership into the journal of the learner, and the traits into that of the account. */
export function group(journey: Journey): GroupHandler<typeof GroupContract> {
  return {
    commit: 'group',
    handle: async (context) => {
      const { input } = context
      const { accountId, leave, traits } = input
      const issues = traits === undefined ? [] : await traitIssues(traits, journey.traits?.account)
      return sayOfPerson(
        journey,
        input,
        issues,
        (said, reporter) => grouped({ ...said, accountId, leave, traits }, reporter, journey.hash),
        context,
      )
    },
  }
}
