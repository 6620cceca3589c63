import { defineTrack, on } from '@waymark/learning-journey'
import { DirectoryConnected, ReportShared, SeatAssigned, traits } from './events.ts'

/** What a company does once, whoever of its people does it. */
export const accountRollout = defineTrack({
  key: 'account-rollout',
  version: '1.0.0',
  title: { en: 'Bring your team in' },
  subject: 'account',
  audience: traits.account.where({ plan: { in: ['team', 'business'] } }),
  completion: { xp: 200, badge: 'rolled-out' },
  steps: [
    { key: 'connect-directory', title: { en: 'Connect the directory' }, complete: on(DirectoryConnected), reward: { xp: 50 } },
    {
      key: 'five-seats',
      title: { en: 'Five people have a seat' },
      complete: on(SeatAssigned).distinctBy('memberId').atLeast(5),
      reward: { xp: 50 },
    },
    {
      key: 'share-report',
      title: { en: 'Share the first report' },
      after: { any: ['connect-directory', 'five-seats'] },
      complete: on(ReportShared),
    },
    {
      key: 'go-business',
      title: { en: 'Move to the business plan' },
      required: false,
      complete: traits.account.where({ plan: 'business' }),
    },
  ],
})

export const tracks = [accountRollout]
