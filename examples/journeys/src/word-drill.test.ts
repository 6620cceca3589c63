import { given } from '@waymark/learning-journey/testing'
import { expect, test } from 'vitest'
import { WordReviewed } from '../waymark/events.ts'
import { wordDrill } from '../waymark/word-drill.ts'

const review = (wordId: string, score: number) => [WordReviewed, { wordId, score }] as const

/** Reviews of so many words, all of them right. */
function known(words: number, story = given(wordDrill)) {
  return Array.from({ length: words }, (_, number) => `w${number}`).reduce(
    (told, word) => told.event(...review(word, 0.9)),
    story,
  )
}

test('ten reviews of one word are one of ten', () => {
  const story = Array.from({ length: 10 }).reduce<ReturnType<typeof known>>(
    (told) => told.event(...review('w1', 1)),
    given(wordDrill),
  )
  story.expect({ steps: { 'ten-words': 'open' }, last: { 'ten-words': 'count_short' } })
  known(10).expect({ steps: { 'ten-words': 'completed' } })
})

test('a word turned around has to be one and the same', () => {
  const begun = given(wordDrill).event(...review('w1', 0.1))
  begun.event(...review('w2', 1)).expect({ steps: { 'turned-around': 'open' } })
  begun.event(...review('w1', 1)).expect({ steps: { 'turned-around': 'completed' } })
})

test('a month later it begins again, and brings its points again', () => {
  const once = known(10, given(wordDrill).event(...review('hard', 0)))
    .event(...review('hard', 1))
    .expect({ status: 'completed', xp: 40 })
  once
    .advance('P29D')
    .event(...review('w1', 1))
    .expect({ status: 'completed' })
  const again = once.advance('P30D').event(...review('hard', 0))
  again.expect({ status: 'active', percent: 0 })
  const twice = known(10, again)
    .event(...review('hard', 1))
    .expect({ status: 'completed', xp: 80 })
  expect(twice.facts.filter(({ name }) => name === 'enrolled')).toHaveLength(2)
})
