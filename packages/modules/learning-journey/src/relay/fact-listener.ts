/**
 * One listener to the facts of a tenant or of one subject in it. It is either level with the relay, which puts new facts into its
 * queue, or behind: then what it misses is read from the store, a page at a time, as fast as its caller takes it. A listener starts
 * behind, and falls behind again when its queue is full, so however slow a caller is, little waits for it in memory.
 *
 * Why there is neither gap nor repeat: the queue is open before a page is read, so what the page does not have yet goes into the queue;
 * and a fact at or before the last one handed over is dropped.
 */
import type { Ports } from '@waymark/contract'
import type { StoredFact } from '../ports/index.ts'
import { growingPause } from './growing-pause.ts'

/** One `next` at a time; `return` ends it at once, also while `next` waits. */
export interface FactListener {
  next(): Promise<IteratorResult<StoredFact>>
  return(): Promise<IteratorReturnResult<undefined>>
  /** A fact that the relay has read. */
  push(fact: StoredFact): void
}

export interface FactListenerOptions {
  /** The position to go on after. */
  readonly position: number
  /** A page of stored facts; one that is not full is the last. */
  readonly read: (after: number) => Promise<readonly StoredFact[]>
  readonly pageSize: number
  readonly after: Ports['after']
  readonly onEnd: () => void
}

export const QUEUE_CAP = 256

export function createFactListener(options: FactListenerOptions): FactListener {
  const { read, pageSize, after, onEnd } = options
  let { position } = options
  let page: StoredFact[] = []
  let queue: StoredFact[] = []
  let isBehind = true
  let isEnded = false
  let wake = () => {}

  function wait(milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = milliseconds === undefined ? () => {} : after(milliseconds, () => wake())
      wake = () => {
        cancel()
        resolve()
      }
    })
  }

  async function readPage(): Promise<StoredFact[]> {
    for (let failures = 1; !isEnded; failures++) {
      try {
        return [...(await read(position))]
      } catch {
        // The relay meets the same error and reports it.
        await wait(growingPause(failures))
      }
    }
    return []
  }

  async function catchUp(): Promise<void> {
    queue = []
    isBehind = false
    page = await readPage()
    if (page.length < pageSize) return
    queue = []
    isBehind = true
  }

  return {
    async next() {
      while (!isEnded) {
        const fact = page.shift() ?? queue.shift()
        if (fact === undefined) await (isBehind ? catchUp() : wait())
        else if (fact.position > position) {
          position = fact.position
          return { done: false, value: fact }
        }
      }
      return DONE
    },
    async return() {
      if (!isEnded) {
        isEnded = true
        onEnd()
        wake()
      }
      return DONE
    },
    push(fact) {
      if (isBehind) return
      if (queue.length < QUEUE_CAP) queue.push(fact)
      else isBehind = true
      wake()
    },
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }
