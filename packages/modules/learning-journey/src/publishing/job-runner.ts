/**
 * Does the jobs that survive a process. Invariants:
 * - a job is held by one process for a while, and for longer with every page that it finished; a process that dies loses one page at most;
 * - how far a job is is written after a page, so doing a page twice has to add nothing;
 * - a job that was cancelled ends with the page it is at;
 * - one of each kind runs at a time in a process; where other processes can add jobs too, it looks for them every half minute.
 */
import type { JobRow, JournalStore } from '../ports/index.ts'
import { type Progress, progressOf } from './jobs.ts'

/** Does one page of a job. `elsewhere`: this process cannot do it now. */
export type Page = (
  job: JobRow,
  progress: Progress,
) => Promise<{ readonly progress: Progress; readonly isDone: boolean } | 'elsewhere'>

interface Context {
  readonly store: JournalStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Calls back after some milliseconds; returns what cancels it. */
  readonly after: (milliseconds: number, call: () => void) => (() => void) | undefined
  /** By kind. */
  readonly pages: Readonly<Record<string, Page>>
  /** Told of what failed; it is tried again by itself. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

export interface JobRunner {
  /** Does all jobs that nobody else holds. Resolves when there is none left; a run that is on joins. */
  run(): Promise<void>
  close(): Promise<void>
}

const HELD_MS = 60_000
const LOOK_AGAIN_MS = 30_000
const NEVER_HELD = Number.MAX_SAFE_INTEGER

export function createJobRunner({ store, now, after, pages, onFailure }: Context): JobRunner {
  let isClosed = false
  let cancel: (() => void) | undefined
  let running: Promise<void> | undefined
  /** Set by who asks while a run is on its way, which may have looked already. */
  let isWanted = false

  const put = (job: JobRow, progress: Progress, status: JobRow['status'], until: number) =>
    store.putJob({ id: job.id, status, progress: JSON.stringify(progress), updatedAt: now() }, until)

  /** False when it cannot be done here now. */
  const work = async (job: JobRow, page: Page) => {
    let progress = progressOf(job)
    while (!isClosed) {
      const done = await page(job, progress)
      if (done === 'elsewhere') {
        await put(job, progress, 'running', now() + LOOK_AGAIN_MS)
        return false
      }
      progress = done.progress
      if (!(await put(job, progress, done.isDone ? 'done' : 'running', now() + HELD_MS)) || done.isDone) return true
    }
    // Whoever comes next goes on at once.
    await put(job, progress, 'running', now())
    return true
  }

  const workAll = async (kind: string, page: Page) => {
    while (!isClosed) {
      // What a process held that is dead by now is free at once where there is only one process.
      const job = await store.claimJob(kind, store.sequenced ? now() : NEVER_HELD, now() + HELD_MS)
      if (job === null || !(await work(job, page))) return
    }
  }

  const lookAgain = () => {
    if (!isClosed) cancel = after(LOOK_AGAIN_MS, () => void run().catch(() => {}))
  }

  const runAll = async () => {
    try {
      while (isWanted && !isClosed) {
        isWanted = false
        await Promise.all(Object.entries(pages).map(([kind, page]) => workAll(kind, page)))
      }
      // Others may add jobs, or die with one.
      if (store.sequenced || (await store.readJobs()).some(({ status }) => status === 'running')) lookAgain()
    } catch (error) {
      onFailure?.(error)
      lookAgain()
      throw error
    } finally {
      running = undefined
    }
  }

  const run = () => {
    cancel?.()
    isWanted = true
    running ??= runAll()
    return running
  }

  return {
    run,
    async close() {
      isClosed = true
      cancel?.()
      await running?.catch(() => {})
    },
  }
}
