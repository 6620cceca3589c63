import { print, printJson, say, tint } from './print.ts'
import { type Outcome, renderOutcomes, renderStandings, type Standing } from './render-outcomes.ts'
import { createServerClient } from './server-client.ts'

interface Explanation {
  readonly event: {
    readonly eventId: string
    readonly eventName: string
    readonly eventVersion: string
    readonly occurredAt: string
    readonly receivedAt: string
    readonly channel: string
  } | null
  readonly outcomes: readonly Outcome[]
  readonly steps: readonly Standing[]
}

interface ExplainOptions {
  readonly learner: string
  readonly event?: string
  readonly track?: string
  readonly source?: string
  readonly json?: boolean
}

/** `waymark explain`: what one event did, or how each step stands, with the condition trees. */
export async function explain({ learner, event, track, source, json }: ExplainOptions): Promise<void> {
  const client = createServerClient()
  const input = { learnerId: learner, eventId: event, trackId: track, sourceModule: source }
  const answer = await client.call<Explanation>('explain', input)
  if (json) return printJson(answer)
  if (answer.event === null) {
    if (answer.steps.length === 0) say(`${learner} is in no track yet. --track shows the steps of one.`)
    return print(...renderStandings(answer.steps))
  }
  const { eventName, eventVersion, occurredAt, receivedAt, channel } = answer.event
  print(
    `${tint('bold', `${eventName} ${eventVersion}`)} of ${learner}, occurred ${occurredAt}, received ${receivedAt} by ${channel}`,
    ...renderOutcomes(answer.outcomes),
  )
}
