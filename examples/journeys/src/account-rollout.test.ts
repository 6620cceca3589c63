import { given } from '@waymark/learning-journey/testing'
import { test } from 'vitest'
import { accountRollout } from '../waymark/account-rollout.ts'
import { DirectoryConnected, ReportShared, SeatAssigned } from '../waymark/events.ts'

test('an account on a free plan is not asked for anything', () => {
  given(accountRollout)
    .identify({ plan: 'free' })
    .event(DirectoryConnected, { provider: 'any' })
    .expect({ status: 'not_enrolled', last: { 'connect-directory': 'audience' } })
})

test('five seats are five people, and a report counts as soon as one of the two ways to it is gone', () => {
  const seat = (memberId: string) => [SeatAssigned, { memberId }] as const
  given(accountRollout)
    .identify({ plan: 'team' })
    .event(...seat('m1'))
    .event(ReportShared, { reportId: 'r1' })
    .expect({ steps: { 'share-report': 'open' }, last: { 'share-report': 'prerequisite' } })
    .event(...seat('m1'))
    .event(...seat('m2'))
    .event(...seat('m3'))
    .event(...seat('m4'))
    .expect({ steps: { 'five-seats': 'open' } })
    .event(...seat('m5'))
    .expect({ steps: { 'five-seats': 'completed', 'share-report': 'completed' }, percent: 66 })
    .event(DirectoryConnected, { provider: 'any' })
    .expect({ status: 'completed', xp: 300 })
    .identify({ plan: 'business' })
    .expect({ steps: { 'go-business': 'completed' } })
})
