import { expect, it } from 'vitest'
import { ServerProcess } from './server-process.ts'

const KILLS = Number(process.env.KILLS ?? 100)
const LEARNERS = 40

interface Sent {
  readonly learnerId: string
  readonly eventId: string
  acknowledged: boolean
}

/** What the client knows: written when it sends, and when it is answered. Nothing is ever taken back. */
class ClientLog {
  readonly sent: Sent[] = []
  acknowledged = 0
  #target = 0
  #reached = () => {}

  acknowledge(sent: Sent): void {
    sent.acknowledged = true
    if (++this.acknowledged >= this.#target) this.#reached()
  }

  /** Resolves when so many more events were acknowledged. */
  acknowledgedMore(count: number): Promise<void> {
    this.#target = this.acknowledged + count
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }
}

it(`loses nothing that was acknowledged and counts nothing twice over ${KILLS} kills during ingest`, async () => {
  const server = await ServerProcess.start({ modules: new URL('./tasks-track.ts', import.meta.url).pathname })
  const log = new ClientLog()
  let slowest = 0
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const producers = Array.from({ length: 4 }, (_, producer) => produce(server, log, `${kill}-${producer}`))
      // The kill comes while answers arrive: after some have, and with others still out.
      await log.acknowledgedMore(20 + (kill % 7) * 15)
      await server.end('SIGKILL')
      await Promise.all(producers)
      slowest = Math.max(slowest, await server.start())
    }
    // Everything that was sent is sent again, as a client would that does not know what arrived; then all of it counts once.
    for (let from = 0; from < log.sent.length; from += 400) {
      const events = log.sent.slice(from, from + 400).map(toEvent)
      const { body } = await server.call('ingest', { events })
      const results = body.results as { status: string }[]
      for (const [index, { status }] of results.entries()) {
        const sent = log.sent[from + index] as Sent
        // An acknowledged event has to be there already.
        expect(sent.acknowledged ? status : ['recorded', 'duplicate'].includes(status), `${sent.eventId} was ${status}`).toEqual(
          sent.acknowledged ? 'duplicate' : true,
        )
      }
    }
    for (const learnerId of new Set(log.sent.map(({ learnerId }) => learnerId))) {
      const count = log.sent.filter((sent) => sent.learnerId === learnerId).length
      const { body } = await server.call('explain', { learnerId })
      expect(body.steps[0].detail, learnerId).toMatchObject({ actual: Math.min(count, 1_000) })
    }
    console.log(
      `${KILLS} kills, ${log.sent.length} events sent, ${log.acknowledged} acknowledged before a kill, slowest restart ${Math.round(slowest)} ms`,
    )
  } finally {
    await server.remove()
  }
})

/** Sends batches until the server dies. */
async function produce(server: ServerProcess, log: ClientLog, name: string): Promise<void> {
  for (let batch = 0; ; batch++) {
    const sent = Array.from(
      { length: 10 },
      (_, index): Sent => ({
        learnerId: `learner-${(batch * 10 + index) % LEARNERS}`,
        eventId: `${name}-${batch}-${index}`,
        acknowledged: false,
      }),
    )
    log.sent.push(...sent)
    try {
      const { status, body } = await server.call('ingest', { events: sent.map(toEvent) })
      if (status !== 200) return
      for (const [index, { status }] of (body.results as { status: string }[]).entries()) {
        const item = sent[index]
        if (item !== undefined && status === 'recorded') log.acknowledge(item)
      }
    } catch {
      return
    }
  }
}

function toEvent({ learnerId, eventId }: Sent) {
  return { learnerId, eventId, eventName: 'task.done', eventPayload: { taskId: eventId } }
}
