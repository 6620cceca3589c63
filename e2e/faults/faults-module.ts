/** What the servers of the fault tests serve: events, tracks that only count (so that the order of arrival changes nothing), one command. */
import { defineCommand, defineEvent, defineModule, implement } from '@waymark/contract'
import { defineTrack, LearningJourneyModule, on } from '@waymark/learning-journey'
import { z } from 'zod'

const meta = <const Key extends string>(key: Key, description: string) => ({
  key,
  version: '1.0.0' as const,
  stability: 'stable' as const,
  owners: ['tests'],
  tags: [],
  description,
})

const TaskDone = defineEvent({
  meta: meta('task.done', 'Somebody finished a task.'),
  payload: z.object({ taskId: z.string() }),
})
const LessonOpened = defineEvent({
  meta: meta('lesson.opened', 'Somebody opened a lesson.'),
  payload: z.object({ lessonId: z.string() }),
})
const LessonPassed = defineEvent({
  meta: meta('lesson.passed', 'Somebody took the test of a lesson.'),
  payload: z.object({ lessonId: z.string(), score: z.number() }),
})
/** No step listens to it. */
const ReportExported = defineEvent({
  meta: meta('report.exported', 'Somebody exported a report.'),
  payload: z.object({ format: z.string() }),
})

/** No step listens to it either. */
const TicketDrawn = defineEvent({
  meta: meta('ticket.drawn', 'Somebody drew a ticket.'),
  payload: z.object({ ticket: z.string() }),
})

/**
 * A command with a unit of work of its own: it answers another ticket whenever it runs, and the same one for the same key. It emits each
 * ticket that it draws.
 */
const DrawTicket = defineCommand({
  meta: { ...meta('faults.drawTicket', 'Draws a ticket.'), goal: 'Tests', context: 'Tests' },
  io: { input: z.object({ learnerId: z.string() }), output: z.object({ ticket: z.string() }), errors: {} },
  policy: { auth: 'user' },
  emits: [TicketDrawn],
})

export const faultsModule = defineModule({
  key: 'faults',
  contracts: [TaskDone, LessonOpened, LessonPassed, ReportExported, TicketDrawn, DrawTicket],
})

/** With handlers of an event and of a fact, so that a server hands both on, and again what failed. */
export default implement(faultsModule)
  .handlers({
    'faults.drawTicket': async ({ input, emit }) => {
      const ticket = crypto.randomUUID()
      emit(TicketDrawn, { ticket }, { learnerId: input.learnerId })
      return { ticket }
    },
  })
  .on({ 'lesson.passed': failNowAndThen() })
  .on(LearningJourneyModule, { 'learning.onboarding.step.completed': failNowAndThen() })

function failNowAndThen() {
  let calls = 0
  return async () => {
    calls += 1
    if (calls % 3 === 0) throw new Error('What the handler calls is away.')
  }
}

export const tracks = [
  /** Counts every task once, up to more than a test sends: the count shows what was lost and what counted twice. */
  defineTrack({
    key: 'every-task',
    version: '1.0.0',
    steps: [
      { key: 'many', complete: on(TaskDone).distinctBy('taskId').atLeast(1_000) },
      { key: 'never', complete: on(TaskDone).where({ taskId: 'never' }) },
    ],
  }),
  /** Can be finished. */
  defineTrack({
    key: 'first-lessons',
    version: '1.0.0',
    completion: { xp: 50, badge: 'first-lessons' },
    steps: [
      { key: 'open', complete: on(LessonOpened), reward: { xp: 10 } },
      {
        key: 'pass-two',
        after: { all: ['open'] },
        complete: on(LessonPassed)
          .where({ score: { gte: 50 } })
          .atLeast(2),
        reward: { xp: 20, badge: 'two-lessons' },
      },
      { key: 'three-tasks', after: { any: ['open', 'pass-two'] }, complete: on(TaskDone).atLeast(3), reward: { xp: 5 } },
    ],
  }),
  /** Waits for a command. */
  defineTrack({
    key: 'guided',
    version: '1.0.0',
    enrol: 'explicit',
    steps: [
      { key: 'two-tasks', complete: on(TaskDone).atLeast(2), reward: { xp: 7 } },
      { key: 'five-lessons', complete: on(LessonOpened).atLeast(5), reward: { xp: 9 } },
    ],
  }),
]
