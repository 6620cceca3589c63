import { defineEvent, defineModule } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
import { z } from 'zod'

/** The part of GitHub's webhooks that onboarding needs, under names of our own. The mappings below lead from one to the other. */
const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: ['developer-experience'],
  tags: ['github'],
  description,
})

const Repository = z.object({ repository: z.string() })
const Numbered = Repository.extend({ number: z.int() })

export const IssueOpened = defineEvent({ meta: meta('issue.opened', 'Somebody opened an issue.'), payload: Numbered })
export const BranchPushed = defineEvent({
  meta: meta('branch.pushed', 'Somebody pushed commits.'),
  payload: Repository.extend({ ref: z.string() }),
})
export const PullRequestOpened = defineEvent({
  meta: meta('pull.opened', 'Somebody opened a pull request.'),
  payload: Numbered.extend({ draft: z.boolean() }),
})
export const PullRequestReviewed = defineEvent({
  meta: meta('pull.reviewed', 'Somebody got a review on their pull request.'),
  payload: Numbered.extend({ state: z.string() }),
})
export const PullRequestClosed = defineEvent({
  meta: meta('pull.closed', 'A pull request came to its end.'),
  payload: Numbered.extend({ merged: z.boolean() }),
})

export default defineModule({
  key: 'github',
  contracts: [IssueOpened, BranchPushed, PullRequestOpened, PullRequestReviewed, PullRequestClosed],
})

/** From the names and shapes of GitHub to ours. `learner` finds the person: who acts, or, for a review, who is reviewed. */
export const mappings = [
  {
    from: 'com.github.issues.opened',
    to: 'issue.opened',
    payload: { '/repository': '/repository/full_name', '/number': '/issue/number' },
    learner: '/sender/login',
  },
  {
    from: 'com.github.push',
    to: 'branch.pushed',
    payload: { '/repository': '/repository/full_name', '/ref': '/ref' },
    learner: '/sender/login',
  },
  {
    from: 'com.github.pull_request.opened',
    to: 'pull.opened',
    payload: { '/repository': '/repository/full_name', '/number': '/number', '/draft': '/pull_request/draft' },
    learner: '/pull_request/user/login',
  },
  {
    from: 'com.github.pull_request_review.submitted',
    to: 'pull.reviewed',
    payload: { '/repository': '/repository/full_name', '/number': '/pull_request/number', '/state': '/review/state' },
    learner: '/pull_request/user/login',
  },
  {
    from: 'com.github.pull_request.closed',
    to: 'pull.closed',
    payload: { '/repository': '/repository/full_name', '/number': '/number', '/merged': '/pull_request/merged' },
    learner: '/pull_request/user/login',
  },
]

export const tracks = [
  defineTrack({
    key: 'first-pull-request',
    version: '1.0.0',
    title: 'Your first pull request',
    completion: { xp: 25, badge: 'contributor' },
    steps: [
      { key: 'open-issue', title: 'Say what you want to change', complete: on(IssueOpened), reward: { xp: 10 } },
      {
        key: 'push-branch',
        title: 'Push a branch',
        complete: on(BranchPushed).where({ ref: { startsWith: 'refs/' } }),
        reward: { xp: 10 },
      },
      {
        key: 'open-pull-request',
        title: 'Open a pull request',
        after: { all: ['push-branch'] },
        complete: on(PullRequestOpened).where({ draft: false }),
        reward: { xp: 20 },
      },
      {
        key: 'get-review',
        title: 'Get a review',
        after: { all: ['open-pull-request'] },
        complete: on(PullRequestReviewed),
        reward: { xp: 15 },
      },
      {
        key: 'finish',
        title: 'Bring it to an end',
        after: { all: ['get-review'] },
        complete: on(PullRequestClosed),
        reward: { xp: 20 },
      },
    ],
  }),
]
