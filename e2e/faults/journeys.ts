import type { ClientLog, Sent } from './client-log.ts'
import { below, type Random } from './random.ts'
import { type Post, send } from './send.ts'

/** One learner from the first lesson to the end of `first-lessons`, one call after the other, with repeats of what was sent before. */
export async function journey(post: Post, log: ClientLog, random: Random, learnerId: string): Promise<void> {
  const event = (operation: Sent['operation'], number: number, name: string, payload: Sent['payload']): Sent => ({
    operation,
    learnerId,
    key: `${learnerId}-${number}`,
    name,
    payload,
    occurredAt: new Date(Date.now() - below(random, 86_400_000)).toISOString(),
    fate: 'stored',
  })
  const open = event('recordEvent', 0, 'lesson.opened', { lessonId: 'one' })
  const passed = (number: number) => event('ingest', number, 'lesson.passed', { lessonId: 'one', score: 50 + number })
  const task = (number: number) => event('ingest', number, 'task.done', { taskId: `${learnerId}-${number}` })
  const [once, twice, first] = [passed(1), passed(2), task(3)]
  await send(post, log, [{ operation: 'enroll', learnerId, key: `${learnerId}-enrol`, ...GUIDED }])
  await send(post, log, [open])
  await send(post, log, [once, twice, first])
  await send(post, log, [first, task(4), task(5), twice])
  await send(post, log, [open])
}

const GUIDED = { name: 'waymark.enrolled', payload: { trackId: 'guided' }, fate: 'stored' } as const
