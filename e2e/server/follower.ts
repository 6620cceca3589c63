import { type EventStream, readEventStream } from '../../packages/surface/test-support/event-stream.ts'

/** A fact as the stream tells it. */
export interface Fact {
  readonly cursor: string
  readonly factId: string
  readonly name: string
  readonly learnerId: string
  readonly cause: { readonly eventId: string }
}

/** Follows facts as an EventSource does: it comes back with the id of the last message. Its connection can be killed at any moment. */
export class Follower {
  readonly facts: Fact[] = []
  #server: string
  readonly #path: string
  #credential: string
  #controller = new AbortController()
  #events: EventStream | undefined
  #lastEventId = ''

  constructor(server: string, credential: string, learnerId?: string) {
    const query = learnerId === undefined ? '' : `?${new URLSearchParams({ learnerId })}`
    this.#server = server
    this.#path = `/v1/learning/onboarding/watchFacts${query}`
    this.#credential = credential
  }

  /** The next connection goes to another server. */
  moveTo({ url, key }: { readonly url: string; readonly key: string }): void {
    this.#server = url
    this.#credential = key
  }

  /** Opens the stream; resolves when it has begun. */
  async connect(): Promise<Response> {
    this.#controller = new AbortController()
    const response = await fetch(this.#server + this.#path, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${this.#credential}`,
        ...(this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }),
      },
      signal: this.#controller.signal,
    })
    if (response.status !== 200) return response
    const events = readEventStream(response)
    this.#events = events
    await events.until(() => events.state.lastEventId !== '')
    return response
  }

  /** Tears the connection; what was read whole counts, and nothing else. */
  kill(): void {
    this.#collect()
    this.#controller.abort()
  }

  async until(isTrue: (follower: this) => boolean): Promise<void> {
    await this.#events?.until(() => isTrue(this.#collect()))
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<void> {
    await this.#events?.ended
    this.#collect()
  }

  get heartbeats(): number {
    return this.#events?.state.comments ?? 0
  }

  #collect(): this {
    const { messages = [], state } = this.#events ?? {}
    this.facts.push(...messages.splice(0).map(({ data }) => JSON.parse(data)))
    this.#lastEventId = state?.lastEventId || this.#lastEventId
    return this
  }
}
