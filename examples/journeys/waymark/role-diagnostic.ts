import { defineTrack, on } from '@waymark/learning-journey'
import { LessonFinished, QuestionAnswered, ReportShared, SeatAssigned } from './events.ts'

/** One question, and from there two ways that meet again. */
export const roleDiagnostic = defineTrack({
  key: 'role-diagnostic',
  version: '1.0.0',
  title: { en: 'What are you here for?' },
  steps: [
    {
      key: 'tell-role',
      title: { en: 'Say who you are' },
      complete: on(QuestionAnswered).where({ question: 'role' }),
      branches: [
        { key: 'teacher', when: on(QuestionAnswered).where({ question: 'role', answer: { in: ['teacher', 'tutor'] } }) },
      ],
      default: 'learner',
    },
    {
      key: 'invite-class',
      title: { en: 'Give three of your class a seat' },
      after: { branch: 'tell-role.teacher' },
      complete: on(SeatAssigned).distinctBy('memberId').atLeast(3),
    },
    {
      key: 'share-with-class',
      title: { en: 'Share what they did' },
      after: { all: ['invite-class'], branch: 'tell-role.teacher' },
      complete: on(ReportShared),
    },
    {
      key: 'first-lesson',
      title: { en: 'Finish a lesson' },
      after: { branch: 'tell-role.learner' },
      skippable: true,
      complete: on(LessonFinished),
    },
    {
      key: 'set-goal',
      title: { en: 'Set a goal' },
      after: { all: ['share-with-class', 'first-lesson'] },
      complete: on(QuestionAnswered).where({ question: 'goal' }),
    },
  ],
})

export const tracks = [roleDiagnostic]
