/** One thing that a client wants stored. The same again is the same object; another body under its key is another object. */
export interface Sent {
  readonly operation: 'ingest' | 'recordEvent' | 'enroll' | 'drawTicket'
  readonly learnerId: string
  /** The event's id, or the idempotency key. */
  readonly key: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly occurredAt?: string | undefined
  /** What has to become of it, whatever happens on the way. */
  readonly fate: 'stored' | 'rejected' | 'unknown' | 'answered'
}

export interface Answer {
  readonly sent: Sent
  /** `recorded`, `duplicate`, `conflict`, … as the server says; `enrolled` for an enrolment, the ticket itself for a ticket. */
  readonly status: string
}

/** What the clients of a server know. It outlives the server, and nothing is ever taken back. */
export class ClientLog {
  readonly sent = new Set<Sent>()
  readonly answers: Answer[] = []
  #wanted = Number.POSITIVE_INFINITY
  #reached = () => {}

  send(...items: readonly Sent[]): void {
    for (const item of items) this.sent.add(item)
  }

  answer(sent: Sent, status: string): void {
    this.answers.push({ sent, status })
    if (this.answers.length >= this.#wanted) this.#reached()
  }

  /** Resolves when so many more answers have come. */
  answersMore(count: number): Promise<void> {
    this.#wanted = this.answers.length + count
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }
}
