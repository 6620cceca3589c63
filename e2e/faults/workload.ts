import type { Sent } from './client-log.ts'
import { below, pick, type Random } from './random.ts'

const DAY = 86_400_000

/**
 * Makes calls of every kind: batches with new, repeated, late, conflicting, unmatched, unknown and invalid events, single events,
 * enrolments, and commands that answer the same again. Repeats are of what was made before, whoever sent it.
 */
export function createWorkload(random: Random, name: string, learners = 12) {
  const made: Sent[] = []
  let number = 0

  // Now and then somebody new, so that first states go on being made.
  const learner = () => (random() < 0.05 ? `${name}-new-${number}` : `${name}-${below(random, learners)}`)
  const id = () => `${name}-${++number}`

  function occurredAt(): string | undefined {
    const kind = random()
    if (kind < 0.4) return undefined
    const age = kind < 0.95 ? random() * 6 * DAY : 8 * DAY
    return new Date(Date.now() - Math.floor(age)).toISOString()
  }

  function fresh(operation: 'ingest' | 'recordEvent'): Sent {
    const key = id()
    const [eventName, payload] = pick(random, [
      ['task.done', { taskId: key }],
      ['task.done', { taskId: key }],
      ['lesson.opened', { lessonId: `lesson-${below(random, 4)}` }],
      ['lesson.passed', { lessonId: `lesson-${below(random, 4)}`, score: below(random, 100) }],
    ])
    const sent: Sent = {
      operation,
      learnerId: learner(),
      key,
      name: eventName,
      payload,
      occurredAt: occurredAt(),
      fate: 'stored',
    }
    made.push(sent)
    return sent
  }

  /** One that was made before, as it goes out in a batch or alone. */
  function earlier(operation: 'ingest' | 'recordEvent'): Sent {
    const same = made.filter((sent) => sent.operation === operation)
    return same.length === 0 ? fresh(operation) : (same[below(random, same.length)] as Sent)
  }

  function batch(): [Sent, ...Sent[]] {
    const learnerId = learner()
    const again = earlier('ingest')
    return [
      fresh('ingest'),
      ...Array.from({ length: 3 + below(random, 6) }, () => fresh('ingest')),
      again,
      earlier('ingest'),
      { ...again, payload: { ...again.payload, note: 'another body' } },
      { operation: 'ingest', learnerId, key: id(), name: 'report.exported', payload: { format: 'csv' }, fate: 'stored' },
      { operation: 'ingest', learnerId, key: id(), name: 'task.done', payload: { taskId: 5 }, fate: 'rejected' },
      { operation: 'ingest', learnerId, key: id(), name: 'nobody.knows', payload: {}, fate: 'unknown' },
    ]
  }

  return {
    /** The items of the next call. */
    next(): [Sent, ...Sent[]] {
      const kind = random()
      if (kind < 0.5) return batch()
      if (kind < 0.7) return [fresh('recordEvent')]
      if (kind < 0.8) return [earlier('recordEvent')]
      const learnerId = learner()
      if (kind < 0.9) {
        const key = `enrol-${learnerId}-${below(random, 2)}`
        return [{ operation: 'enroll', learnerId, key, name: 'waymark.enrolled', payload: { trackId: 'guided' }, fate: 'stored' }]
      }
      const key = `ticket-${below(random, 5)}-${name}`
      return [{ operation: 'drawTicket', learnerId: name, key, name: '', payload: {}, fate: 'answered' }]
    },
  }
}
