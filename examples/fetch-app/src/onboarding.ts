import { defineEvent, defineModule } from '@waymark/contract'
import { defineTrack, on } from '@waymark/learning-journey'
import type { Definitions } from 'waymark'
import { z } from 'zod'

const TaskDone = defineEvent({
  meta: {
    key: 'task.done',
    version: '1.0.0',
    stability: 'beta',
    owners: ['tasks'],
    tags: ['tasks'],
    description: 'Somebody finished a task.',
  },
  payload: z.object({ taskId: z.string() }),
})

/** What Waymark serves. */
export const onboarding: Definitions = {
  modules: [defineModule({ key: 'tasks', contracts: [TaskDone] })],
  tracks: [
    defineTrack({
      key: 'first-task',
      version: '1.0.0',
      steps: [{ key: 'finish-one', complete: on(TaskDone), reward: { xp: 10 } }],
    }),
  ],
}
