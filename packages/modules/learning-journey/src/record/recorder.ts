/**
 * The shell around the fold: many invocations share one round of the store.
 *
 * States of a job: queued → in a round → answered. Invariants:
 * - a job is answered after its round is committed, never before;
 * - a job whose output is refused takes nothing of its own into the commit; the rest of its round is done again without it;
 * - a round that finds its states changed is done again from the start;
 * - a round that fails for another reason is halved, so that one poisonous job costs no other;
 * - there is no timer: a round starts as soon as a place is free, with whatever is queued by then.
 */
import { type CheckedOutput, ContractError } from '@waymark/contract'
import type { JournalStore } from '../ports/index.ts'
import { type Job, runRound } from './round.ts'

export interface Recorder {
  /** Resolves after the commit. Rejects with the error of `finish`, or with RATE_LIMITED when too much is waiting already. */
  submit(job: Job): Promise<CheckedOutput>
  /** Resolves when nothing is queued or in a round. */
  idle(): Promise<void>
}

const ROUND_CAP = 500
const QUEUE_CAP = 50_000
const MOST_ATTEMPTS = 20

interface Queued {
  readonly job: Job
  readonly resolve: (output: CheckedOutput) => void
  readonly reject: (error: unknown) => void
}

/** Creates the recorder of one store. */
export function createRecorder({
  store,
  hash,
}: {
  readonly store: JournalStore
  readonly hash: (text: string) => string
}): Recorder {
  let queue: Queued[] = []
  let queuedEntries = 0
  let rounds = 0
  let waiting: (() => void)[] = []

  const pump = () => {
    while (queue.length > 0 && rounds < store.maxRounds) {
      const batch = nextBatch()
      rounds++
      void settle(store, hash, batch).finally(() => {
        rounds--
        pump()
      })
    }
    if (rounds === 0 && queue.length === 0) {
      for (const done of waiting) done()
      waiting = []
    }
  }

  const nextBatch = () => {
    let entries = 0
    let count = 0
    for (const { job } of queue) {
      if (count > 0 && entries + job.prepared.length > ROUND_CAP) break
      entries += job.prepared.length
      count++
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    queuedEntries -= entries
    return batch
  }

  return {
    submit: (job) =>
      new Promise((resolve, reject) => {
        if (queuedEntries + job.prepared.length > QUEUE_CAP)
          return reject(
            new ContractError('RATE_LIMITED', { detail: `${queuedEntries} entries are waiting to be stored.`, retryAfter: 1 }),
          )
        queue.push({ job, resolve, reject })
        queuedEntries += job.prepared.length
        // The round starts after the calls that arrived in this turn of the event loop have joined the queue.
        if (rounds < store.maxRounds) void Promise.resolve().then(pump)
      }),
    idle: () => new Promise((resolve) => (rounds === 0 && queue.length === 0 ? resolve() : waiting.push(resolve))),
  }
}

/** Answers all jobs of a batch; never rejects. */
async function settle(store: JournalStore, hash: (text: string) => string, batch: readonly Queued[]): Promise<void> {
  let jobs = batch
  try {
    for (let attempt = 0; jobs.length > 0 && attempt < MOST_ATTEMPTS; attempt++) {
      const result = await runRound(
        store,
        hash,
        jobs.map(({ job }) => job),
      )
      if (result === 'stale') continue
      if ('outputs' in result) {
        for (const [index, { resolve }] of jobs.entries()) resolve(result.outputs[index] as CheckedOutput)
        return
      }
      for (const [index, error] of result.refused) jobs[index]?.reject(error)
      jobs = jobs.filter((_, index) => !result.refused.has(index))
    }
    if (jobs.length > 0) throw new Error(`The states of a round changed ${MOST_ATTEMPTS} times while it ran.`)
  } catch (error) {
    if (jobs.length === 1) return jobs[0]?.reject(error)
    const middle = jobs.length >> 1
    await settle(store, hash, jobs.slice(0, middle))
    await settle(store, hash, jobs.slice(middle))
  }
}
