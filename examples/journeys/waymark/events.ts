import { defineEvent, defineModule } from '@waymark/contract'
import { defineTraits } from '@waymark/learning-journey'
import { z } from 'zod'

/** What happens in a small app for learning languages, alone or as a team. */
const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: ['learning'],
  tags: ['learning'],
  description,
})

export const LessonFinished = defineEvent({
  meta: meta('lesson.finished', 'Somebody finished a lesson.'),
  payload: z.object({ lessonId: z.string(), minutes: z.number().min(0) }),
})

export const QuestionAnswered = defineEvent({
  meta: meta('question.answered', 'Somebody answered a question about themselves.'),
  payload: z.object({ question: z.enum(['role', 'goal']), answer: z.string() }),
})

export const WordReviewed = defineEvent({
  meta: meta('word.reviewed', 'Somebody was asked for a word.'),
  payload: z.object({ wordId: z.string(), score: z.number().min(0).max(1) }),
})

export const DirectoryConnected = defineEvent({
  meta: meta('directory.connected', 'An administrator connected the directory of the company.'),
  payload: z.object({ provider: z.string() }),
})

export const SeatAssigned = defineEvent({
  meta: meta('seat.assigned', 'Somebody got a seat of the account.'),
  payload: z.object({ memberId: z.string() }),
})

export const ReportShared = defineEvent({
  meta: meta('report.shared', 'Somebody shared a report of the team.'),
  payload: z.object({ reportId: z.string() }),
})

export const traits = defineTraits({
  learner: z.object({ timezone: z.string(), role: z.enum(['teacher', 'learner']) }),
  account: z.object({ plan: z.enum(['free', 'team', 'business']), seats: z.number() }),
})

export default defineModule({
  key: 'language-app',
  contracts: [LessonFinished, QuestionAnswered, WordReviewed, DirectoryConnected, SeatAssigned, ReportShared],
})
