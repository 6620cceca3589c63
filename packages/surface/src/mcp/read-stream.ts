import { type Placed, type Ports, type Problem, type Stream, StreamError } from '@waymark/contract'

/** The part of a stream that one call of a tool reads. */
export type StreamPart = { readonly items: readonly Placed[]; readonly nextCursor: string | null } | { readonly problem: Problem }

const MOST_ITEMS = 200
/** How long nothing has to come until what came is the answer, in milliseconds. */
const QUIET_MS = 1_000
/** However much comes, the answer does not take longer, in milliseconds. */
const LONGEST_MS = 10_000

/**
 * Reads a stream until it ends, falls quiet, or has brought 200 items, and closes it. `nextCursor` is where the next call goes on;
 * null when the stream ended.
 * @param from the cursor with which it was opened.
 */
export async function readStream(stream: Stream<Placed>, from: string | null, after: Ports['after']): Promise<StreamPart> {
  const items: Placed[] = []
  const iterator = stream[Symbol.asyncIterator]()
  const over = timer(after, LONGEST_MS)
  let cursor = stream.cursor ?? from
  try {
    while (items.length < MOST_ITEMS) {
      const quiet = timer(after, QUIET_MS)
      const next = iterator.next()
      // Nobody looks at it when the time is up first.
      next.catch(() => {})
      const step = await Promise.race([next, quiet.elapsed, over.elapsed]).finally(quiet.stop)
      if (step === 'elapsed') break
      if (step.done === true) return { items, nextCursor: null }
      items.push(step.value)
      cursor = step.value.cursor
    }
    return { items, nextCursor: cursor }
  } catch (error) {
    if (error instanceof StreamError) return { problem: error.problem }
    throw error
  } finally {
    over.stop()
    // It may wait for an item that never comes, so nothing waits for it.
    iterator.return?.().catch(() => {})
  }
}

function timer(after: Ports['after'], milliseconds: number): { readonly elapsed: Promise<'elapsed'>; readonly stop: () => void } {
  let stop = () => {}
  const elapsed = new Promise<'elapsed'>((resolve) => {
    stop = after(milliseconds, () => resolve('elapsed'))
  })
  return { elapsed, stop }
}
