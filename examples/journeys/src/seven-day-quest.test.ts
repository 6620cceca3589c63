import { given } from '@waymark/learning-journey/testing'
import { expect, test } from 'vitest'
import { LessonFinished } from '../waymark/events.ts'
import { sevenDayQuest } from '../waymark/seven-day-quest.ts'

const inTokyo = given(sevenDayQuest).at('2026-03-02T11:00:00Z').identify({ timezone: 'Asia/Tokyo' })
const lesson = (minutes = 10) => [LessonFinished, { lessonId: 'l', minutes }] as const

test('the third day opens at midnight of the person, not of the server', () => {
  const begun = inTokyo.event(...lesson()).expect({ steps: { 'first-lesson': 'completed', 'day-three': 'open' } })
  begun
    .at('2026-03-03T14:59:00Z')
    .event(...lesson())
    .expect({ last: { 'day-three': 'not_open_yet' } })
  begun
    .at('2026-03-03T15:01:00Z')
    .event(...lesson())
    .expect({ last: { 'day-three': 'completed' } })
})

test('a lesson after midnight is of the day before, and a freeze bridges one day without any', () => {
  inTokyo
    .event(...lesson())
    .at('2026-03-03T17:30:00Z')
    .event(...lesson())
    .expect({ streak: 2, freezes: 1 })
    .at('2026-03-05T11:00:00Z')
    .event(...lesson())
    .expect({ streak: 3, freezes: 0 })
})

test('an hour has to be reached within seven days, and what comes late still counts if it happened in time', () => {
  const late = inTokyo
    .event(...lesson(50))
    .advance('P8D')
    .expect({ steps: { 'an-hour': 'missed' } })
    .event(...lesson(10), { at: '2026-03-09T10:00:00Z' })
    .expect({ steps: { 'an-hour': 'completed' } })
  expect(late.facts.map(({ name }) => name)).toContain('step.corrected')
})

test('three lessons within a day are a badge, and never hold anybody up', () => {
  inTokyo
    .event(...lesson(20))
    .advance('PT10H')
    .event(...lesson(20))
    .advance('PT10H')
    .event(...lesson(20))
    .expect({ steps: { 'weekend-marathon': 'completed', 'an-hour': 'completed' }, badges: ['marathon'] })
    .at('2026-03-05T11:00:00Z')
    .event(...lesson())
    .expect({ status: 'completed', percent: 100 })
})
