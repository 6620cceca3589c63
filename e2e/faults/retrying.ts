import type { Post } from './send.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** A client as SDKs are: it sends the same again, with growing pauses, when no answer comes, or 429, or one that begins with 5. */
export class RetryingClient {
  /** How often each status came that is worth another try; `none` where no answer came at all. */
  readonly retried = new Map<string, number>()
  /** The longest time from the first try to the answer, in milliseconds. */
  slowest = 0
  readonly #post: Post

  constructor(post: Post) {
    this.#post = post
  }

  readonly post: Post = async (path, input, headers) => {
    const begin = performance.now()
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const answer = await this.#post(path, input, headers).catch(() => undefined)
      if (answer !== undefined && answer.status !== 429 && answer.status < 500) {
        this.slowest = Math.max(this.slowest, performance.now() - begin)
        return answer
      }
      const status = String(answer?.status ?? 'none')
      this.retried.set(status, (this.retried.get(status) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  toString(): string {
    const counts = [...this.retried].map(([status, count]) => `${status}: ${count}`)
    return `tries again after ${counts.join(', ') || 'nothing'}; slowest call ${Math.round(this.slowest)} ms`
  }
}
