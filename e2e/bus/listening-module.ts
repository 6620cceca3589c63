import { appendFileSync, existsSync } from 'node:fs'
import { defineEvent, defineModule, implement, type Transaction } from '@waymark/contract'
import { defineTrack, LearningJourneyModule, on } from '@waymark/learning-journey'
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

const DAY_MS = 86_400_000

/** Counts through the transaction what was handled, and writes down each try, which can come more often. */
async function count(tx: Transaction, what: string) {
  const folder = process.env.HANDLED_FOLDER ?? '.'
  appendFileSync(`${folder}/tries`, `${what}\n`)
  // Where it stands when the process is killed: after it was called, before it is committed.
  while (existsSync(`${folder}/hold`)) await new Promise((resolve) => setTimeout(resolve, 10))
  const before = await tx.idempotency.find(`handled ${what}`, Date.now())
  await tx.idempotency.keep(
    `handled ${what}`,
    { inputHash: '', answer: String(Number(before?.answer ?? 0) + 1) },
    Date.now() + DAY_MS,
  )
}

const listening = implement(defineModule({ key: 'tasks', contracts: [TaskDone] })).handlers({})

export default listening
  .on({ 'task.done': ({ tx, payload, event }) => count(tx, `${event.channel} ${event.learnerId} ${payload.taskId}`) })
  .on(LearningJourneyModule, {
    'learning.onboarding.step.completed': ({ tx, payload, event }) => count(tx, `fact ${event.learnerId} ${payload.stepId}`),
  })

export const tracks = [
  defineTrack({
    key: 'tasks',
    version: '1.0.0',
    steps: [
      { key: 'first', complete: on(TaskDone) },
      { key: 'ten', complete: on(TaskDone).atLeast(10) },
    ],
  }),
]
