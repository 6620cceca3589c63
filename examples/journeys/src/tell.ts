import { given } from '@waymark/learning-journey/testing'
import { accountRollout } from '../waymark/account-rollout.ts'
import { DirectoryConnected, LessonFinished, QuestionAnswered, WordReviewed } from '../waymark/events.ts'
import { roleDiagnostic } from '../waymark/role-diagnostic.ts'
import { sevenDayQuest } from '../waymark/seven-day-quest.ts'
import { wordDrill } from '../waymark/word-drill.ts'

/** Tells the beginning of each journey, and what was announced. */
export function tell(print: (line: string) => void): void {
  const stories = [
    given(sevenDayQuest)
      .identify({ timezone: 'Asia/Tokyo' })
      .event(LessonFinished, { lessonId: 'l1', minutes: 25 })
      .advance('P2D')
      .event(LessonFinished, { lessonId: 'l2', minutes: 40 }),
    given(accountRollout).identify({ plan: 'team' }).event(DirectoryConnected, { provider: 'any' }),
    given(roleDiagnostic).event(QuestionAnswered, { question: 'role', answer: 'teacher' }),
    given(wordDrill).event(WordReviewed, { wordId: 'w1', score: 0.2 }).event(WordReviewed, { wordId: 'w1', score: 0.9 }),
  ]
  for (const story of stories) {
    const { track, status, percent } = story.view()
    print(`${track}: ${status}, ${percent} %`)
    for (const { at, name, step, data } of story.facts)
      print(`  ${at}  ${name}${step === null ? '' : ` ${step}`}${data.xp === undefined ? '' : ` +${data.xp} XP`}`)
  }
}

if (import.meta.main) tell(console.log)
