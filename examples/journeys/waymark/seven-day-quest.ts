import { defineTrack, on } from '@waymark/learning-journey'
import { LessonFinished } from './events.ts'

/** A lesson a day for a week. Whoever practises after midnight still practises for the day before. */
export const sevenDayQuest = defineTrack({
  key: 'seven-day-quest',
  version: '1.0.0',
  title: { en: 'Seven days' },
  completion: { xp: 100, badge: 'one-week' },
  streak: {
    on: on(LessonFinished),
    period: 'day',
    grace: 'PT3H',
    freezes: { initial: 1, earnEvery: 5, cap: 2 },
    xp: 5,
  },
  steps: [
    { key: 'first-lesson', title: { en: 'Finish a lesson' }, complete: on(LessonFinished), reward: { xp: 10 } },
    {
      key: 'day-three',
      title: { en: 'Come back on the third day' },
      after: { all: ['first-lesson'] },
      opens: { onDay: 3 },
      complete: on(LessonFinished).lookback('afterUnlock'),
      reward: { xp: 20 },
    },
    {
      key: 'an-hour',
      title: { en: 'An hour in a week' },
      due: { after: 'P7D' },
      complete: on(LessonFinished).sum('minutes', 60),
      reward: { xp: 30 },
    },
    {
      key: 'weekend-marathon',
      title: { en: 'Three lessons within a day' },
      required: false,
      complete: on(LessonFinished).atLeast(3).sliding('PT24H'),
      reward: { badge: 'marathon' },
    },
  ],
})

export const tracks = [sevenDayQuest]
