import { given } from '@waymark/learning-journey/testing'
import { test } from 'vitest'
import { LessonFinished, QuestionAnswered, ReportShared, SeatAssigned } from '../waymark/events.ts'
import { roleDiagnostic } from '../waymark/role-diagnostic.ts'

const asked = given(roleDiagnostic)

test('a teacher goes through the class, and is asked for no lesson', () => {
  asked
    .event(QuestionAnswered, { question: 'role', answer: 'tutor' })
    .expect({ steps: { 'first-lesson': 'closed', 'invite-class': 'open' }, percent: 25 })
    .event(SeatAssigned, { memberId: 'm1' })
    .event(SeatAssigned, { memberId: 'm2' })
    .event(SeatAssigned, { memberId: 'm3' })
    .event(ReportShared, { reportId: 'r' })
    .event(QuestionAnswered, { question: 'goal', answer: 'exam' })
    .expect({ status: 'completed', percent: 100 })
})

test('everybody else takes a lesson, or skips it', () => {
  const learner = asked
    .event(QuestionAnswered, { question: 'role', answer: 'curious' })
    .expect({ steps: { 'invite-class': 'closed', 'share-with-class': 'closed' } })
    .event(QuestionAnswered, { question: 'goal', answer: 'travel' })
    .expect({ last: { 'set-goal': 'prerequisite' } })
  learner.event(LessonFinished, { lessonId: 'l', minutes: 1 }).expect({ status: 'completed' })
  learner.skip('first-lesson').expect({ status: 'completed', steps: { 'first-lesson': 'skipped' } })
})
