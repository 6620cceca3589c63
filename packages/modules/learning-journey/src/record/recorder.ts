/**
 * The shell around the fold: many invocations share one round of the store.
 *
 * States of a job: queued → in a round → answered. Invariants:
 * - a job is answered after its round is committed, never before;
 * - a job whose output is refused takes nothing of its own into the commit; the rest of its round is done again without it;
 * - a round that finds its states changed is done again from the start, for some seconds;
 * - so is one whose tracks were changed meanwhile, by whatever process, or whose subjects were merged into others;
 * - so is one with a subject whose open run the publishing of a track ended: with the entry that says so;
 * - so is a round that lost its connection, with growing pauses: what it had committed is then a duplicate;
 * - a round that the database refuses is halved, down to the single entry, so that one poisonous entry costs no other; that entry is
 *   kept as rejected; so are the entries of a subject whose owed ones are poisonous;
 * - there is no timer: a round starts as soon as a place is free, with whatever is queued by then.
 */
import { type CheckedOutput, ContractError } from '@waymark/contract'
import type { StoreFailure } from '../ports/index.ts'
import type { Prepared } from './assess.ts'
import { emptyWriting } from './derived-rows.ts'
import { placeInAccounts } from './place-in-accounts.ts'
import { type Job, type Recorded, type RoundContext, runRound } from './round.ts'

export interface Recorder {
  /** Resolves after the commit. Rejects with the error of `finish`, or with RATE_LIMITED when too much is waiting already. */
  submit(job: Job): Promise<CheckedOutput>
  /** Resolves when nothing is queued or in a round. */
  idle(): Promise<void>
}

const ROUND_CAP = 500
const QUEUE_CAP = 50_000
/** So often in a row a round whose states changed is done again at once; then it pauses like one that lost its connection. */
const MOST_STALE = 20
/** How long a round is done again: in time and not in tries, for a try takes as long as a dead network lets it. */
const PATIENCE_MS = 8_000
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 500

interface Queued {
  readonly job: Job
  /** Why what publishing owed one of its subjects could not be recorded; empty when it could, or nothing was asked for. */
  readonly owedErrors?: readonly unknown[]
  readonly resolve: (output: CheckedOutput) => void
  readonly reject: (error: unknown) => void
}

interface Context extends Pick<RoundContext, 'store' | 'hash' | 'catalogue' | 'calendar' | 'tombstones'> {
  /** Names of the product events that are handed on; none when absent. */
  readonly relayed?: ReadonlySet<string>
  /** Told when a round committed some of them. */
  readonly onOutgoing?: () => void
  /** What the tracks and the tombstones were read at, and how they are read again. */
  readonly revision: () => number
  readonly reload: () => Promise<void>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Calls back after some milliseconds. */
  readonly after: (milliseconds: number, call: () => void) => unknown
  /** Told when a round committed facts. */
  readonly onFacts?: () => void
  /** Told when a round set alarms, of the earliest of them. */
  readonly onAlarm?: (at: number) => void
}

/** Creates the recorder of one store. */
export function createRecorder(context: Context): Recorder {
  const { store } = context
  let queue: Queued[] = []
  let queuedEntries = 0
  let rounds = 0
  let waiting: (() => void)[] = []

  const pump = () => {
    while (queue.length > 0 && rounds < store.maxRounds) {
      const batch = nextBatch()
      rounds++
      void settle(context, batch).finally(() => {
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

/** Answers all jobs of a batch; never rejects. `end` is when there is no more patience, for all parts of one batch. */
async function settle(context: Context, batch: readonly Queued[], end = context.now() + PATIENCE_MS): Promise<void> {
  let jobs = batch
  let isPlaced = false
  let stale = 0
  let lost = 0
  /** Pauses before the round is done again; false when it has been for long enough. It is at least once. */
  const mayTryAgain = async () => {
    if (lost++ > 0 && context.now() >= end) return false
    await pause(context, Math.min(FIRST_PAUSE_MS * 2 ** (lost - 1), LONGEST_PAUSE_MS))
    return true
  }
  while (jobs.length > 0) {
    try {
      if (!isPlaced && context.catalogue.tracks.some(({ subject }) => subject === 'account')) jobs = await placed(context, jobs)
      isPlaced = true
      const result = await runRound(
        { ...context, now: context.now(), revision: context.revision(), relayed: context.relayed ?? NONE },
        jobs.map(({ job }) => job),
      )
      if (result === 'stale') {
        if (++stale % MOST_STALE !== 0 || (await mayTryAgain())) continue
        return rejectAll(jobs, unanswered())
      }
      if (result === 'outdated') {
        await context.reload()
        continue
      }
      if ('moved' in result) {
        jobs = jobs.map((queued) => ({ ...queued, job: moveTo(queued.job, result.moved) }))
        isPlaced = false
        continue
      }
      if ('owed' in result) {
        const [refused] = jobs.flatMap(({ owedErrors = [] }) => owedErrors)
        if (refused !== undefined) return isolate(context, jobs, refused, end)
        const errors: unknown[] = []
        jobs = [toQueued(result.owed, errors), ...jobs.map((queued) => ({ ...queued, owedErrors: errors }))]
        continue
      }
      if ('outputs' in result) {
        for (const [index, { resolve }] of jobs.entries()) resolve(result.outputs[index] as CheckedOutput)
        if (result.hasFacts) context.onFacts?.()
        if (result.hasOutgoing) context.onOutgoing?.()
        if (result.alarm !== null) context.onAlarm?.(result.alarm)
        return
      }
      for (const [index, error] of result.refused) jobs[index]?.reject(error)
      jobs = jobs.filter((_, index) => !result.refused.has(index))
    } catch (error) {
      const outlook = outlookOf(error)
      if (outlook === 'refused' || outlook === 'elsewhere') return isolate(context, jobs, error, end)
      if (outlook === 'closed') return rejectAll(jobs, error)
      if (!(await mayTryAgain())) return rejectAll(jobs, unanswered())
    }
  }
}

/** The same with the accounts of those who named none. */
async function placed(context: Context, jobs: readonly Queued[]): Promise<readonly Queued[]> {
  const batches = await placeInAccounts(
    context.store,
    jobs.map(({ job }) => job.prepared),
  )
  return jobs.map((queued, index) => {
    const prepared = batches[index] as Job['prepared']
    return prepared === queued.job.prepared ? queued : { ...queued, job: { ...queued.job, prepared } }
  })
}

/** The same for the subjects that have the entries of merged ones; who made an entry is kept. */
function moveTo(job: Job, moved: ReadonlyMap<string, string>): Job {
  const prepared = job.prepared.map((one) => {
    const { tenant, subject, actor } = one.row
    const into = moved.get(`${tenant}\0${subject}`)
    return into === undefined ? one : { ...one, row: { ...one.row, subject: into, actor: actor ?? subject } }
  })
  return { ...job, prepared }
}

/** Entries that nobody waits for; why they were refused is added to `errors`. */
function toQueued(prepared: readonly Prepared[], errors: unknown[]): Queued {
  const finish = () => ({ ok: true, output: NO_OUTPUT }) as const
  return { job: { prepared, rejected: [], trace: false, finish }, resolve: () => {}, reject: (error) => errors.push(error) }
}

function rejectAll(jobs: readonly Queued[], error: unknown): void {
  for (const { reject } of jobs) reject(error)
}

/** Whatever says nothing of itself is refused: a defect of one entry looks like that too. */
function outlookOf(error: unknown): StoreFailure['outlook'] {
  const { outlook } = (error ?? {}) as Partial<StoreFailure>
  return outlook ?? 'refused'
}

function unanswered(): ContractError {
  return new ContractError('TIMEOUT', {
    detail:
      'The database cannot be reached, or has too much to do. Send the same again, with the same ids: what was stored counts once.',
    retryAfter: 1,
  })
}

function pause({ after }: Context, milliseconds: number): Promise<void> {
  return new Promise((resolve) => after(milliseconds, resolve))
}

/** Finds what the database refuses: halves the jobs, then the entries of the one job that is left. */
async function isolate(context: Context, jobs: readonly Queued[], error: unknown, end: number): Promise<void> {
  const [first] = jobs
  if (first === undefined) return
  if (jobs.length > 1) {
    const middle = jobs.length >> 1
    await settle(context, jobs.slice(0, middle), end)
    return settle(context, jobs.slice(middle), end)
  }
  if (first.job.prepared.length > 1) return settleInHalves(context, first, end)
  return outlookOf(error) === 'elsewhere' ? first.reject(error) : keepRejected(context, first, error)
}

/** The entries of one job in two rounds. Its answer is built when both are committed. */
async function settleInHalves(context: Context, { job, resolve, reject }: Queued, end: number): Promise<void> {
  const recorded: Recorded[] = []
  const half = (from: number, to: number) =>
    new Promise<CheckedOutput>((done, fail) => {
      const part: Job = {
        prepared: job.prepared.slice(from, to),
        rejected: from === 0 ? job.rejected : [],
        trace: job.trace,
        toRejected: (index, error) => job.toRejected?.(index + from, error),
        toRedriven: (index, results) => job.toRedriven?.(index + from, results) ?? [],
        finish: (results) => {
          for (const [index, result] of results.entries()) recorded[from + index] = result
          return { ok: true, output: NO_OUTPUT }
        },
      }
      void settle(context, [{ job: part, resolve: done, reject: fail }], end)
    })
  try {
    const middle = job.prepared.length >> 1
    await half(0, middle)
    await half(middle, job.prepared.length)
    answer(job.finish(recorded), resolve, reject)
  } catch (error) {
    reject(error)
  }
}

const NONE: ReadonlySet<string> = new Set()
const NO_OUTPUT = {} as CheckedOutput

/** The one entry that is refused is kept with its reason, and its job learns of it. */
async function keepRejected({ store }: Context, { job, resolve, reject }: Queued, error: unknown): Promise<void> {
  try {
    const [prepared] = job.prepared
    const row = job.prepared.length === 1 ? job.toRejected?.(0, error) : undefined
    if (row === undefined || prepared === undefined) return reject(error)
    const recorded: Recorded[] = [{ row: prepared.row, append: 'refused', error, xp: 0, outcomes: [], facts: [], after: null }]
    const redriven = job.toRedriven?.(0, recorded) ?? []
    const round = await store.append([], [])
    await round.commit({ ...emptyWriting(), rejected: [...job.rejected, row], redriven: [...redriven] })
    answer(job.finish(recorded), resolve, reject)
  } catch (failure) {
    reject(failure)
  }
}

function answer(result: ReturnType<Job['finish']>, resolve: Queued['resolve'], reject: Queued['reject']): void {
  if (result.ok) resolve(result.output)
  else reject(result.error)
}
