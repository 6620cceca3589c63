import { correlate, defineTrack, mastery, on, sequence } from '@waymark/learning-journey'
import { WordReviewed } from './events.ts'

/** Ten words, and one that was hard, every month again. */
export const wordDrill = defineTrack({
  key: 'word-drill',
  version: '1.0.0',
  title: { en: 'Ten words' },
  reentry: { mode: 'afterDuration', wait: 'P30D' },
  rewards: 'perRun',
  completion: { xp: 40 },
  steps: [
    {
      key: 'ten-words',
      title: { en: 'Know ten different words well' },
      complete: mastery(WordReviewed, { skillField: 'wordId', field: 'score', minimum: 0.8, count: 10 }),
    },
    {
      key: 'turned-around',
      title: { en: 'Get one right that you had wrong' },
      complete: correlate(
        'wordId',
        sequence(on(WordReviewed).where({ score: { lt: 0.3 } }), on(WordReviewed).where({ score: { gte: 0.8 } })),
      ),
    },
  ],
})

export const tracks = [wordDrill]
