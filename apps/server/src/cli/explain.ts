import { type Explanation, renderExplanation } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { paint, print, printJson, say } from './print.ts'
import { readPayload } from './read-payload.ts'
import { createServerClient } from './server-client.ts'

interface ExplainOptions {
  readonly event?: string
  readonly track?: string
  readonly step?: string
  readonly account?: string
  readonly source?: string
  readonly name?: string
  readonly payload?: string
  readonly at?: string
  readonly eventVersion?: string
  readonly json?: boolean
}

/** `waymark explain`: how each step stands and what it wants, what one event did, or what one would do. */
export async function explain(learner: string, options: ExplainOptions): Promise<void> {
  const { event, track, step, account, source, name, json } = options
  const stray =
    name === undefined ? (['payload', 'at', 'eventVersion'] as const).find((key) => options[key] !== undefined) : undefined
  if (stray !== undefined || (name !== undefined && event !== undefined)) {
    const wrong =
      stray === undefined ? '--event is a recorded event and --name' : `--${stray === 'eventVersion' ? 'event-version' : stray}`
    throw new CliError(
      'usage',
      `${wrong} belongs to an event that did not happen. Write \`waymark explain ada --name deal.created --payload '{"amount":400}'\`, or \`waymark explain ada --event evt-42\`.`,
    )
  }
  const client = createServerClient()
  const answer = await client.call<Explanation>('explain', {
    learnerId: learner,
    trackId: track,
    stepId: step,
    accountId: account,
    ...(name === undefined ? { eventId: event, sourceModule: source } : { event: supposed(name, options) }),
  })
  if (json) return printJson(answer)
  if (answer.event === null && answer.steps.length === 0) say(`${learner} is in no track yet. --track shows the steps of one.`)
  print(...renderExplanation(answer, { now: Date.now(), paint }))
}

function supposed(eventName: string, { payload, at, source, eventVersion }: ExplainOptions) {
  return { eventName, eventPayload: readPayload(payload), occurredAt: at, sourceModule: source, eventVersion }
}
