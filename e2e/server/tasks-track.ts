import { defineEvent, defineModule } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
import { z } from 'zod'

const TaskDone = defineEvent({
  meta: {
    key: 'task.done',
    version: '1.0.0',
    stability: 'stable',
    owners: ['tests'],
    tags: [],
    description: 'Somebody finished a task.',
  },
  payload: z.object({ taskId: z.string() }),
})

export default defineModule({ key: 'tasks', contracts: [TaskDone] })

/** Its only step counts every task once, up to more than the test sends, so that the count shows losses and repeats. */
export const tracks = [
  defineTrack({
    key: 'tasks',
    version: '1.0.0',
    steps: [
      { key: 'many', complete: on(TaskDone).distinctBy('taskId').atLeast(1_000) },
      { key: 'never', complete: on(TaskDone).where({ taskId: 'never' }) },
    ],
  }),
]
