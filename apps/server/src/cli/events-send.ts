import { type Outcome, renderOutcomes } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { paint, print, printJson, tint } from './print.ts'
import { readPayload } from './read-payload.ts'
import { createServerClient } from './server-client.ts'

interface SendOptions {
  readonly learner?: string
  readonly payload?: string
  readonly id?: string
  readonly at?: string
  readonly source?: string
  readonly track?: string
  readonly account?: string
  readonly eventVersion?: string
  readonly file?: string
  readonly json?: boolean
}

/** `waymark events send`: records one event and says what it did, or sends a file. */
export async function eventsSend(eventName: string | undefined, options: SendOptions): Promise<void> {
  const { file, json = false, ...fields } = options
  if (file !== undefined) {
    const stray = eventName === undefined ? Object.keys(fields)[0] : 'the event name'
    if (stray !== undefined)
      throw new CliError('usage', `--file sends whole events, so ${stray} has no place beside it. Leave it out.`)
    return (await import('./events-send-file.ts')).sendFile(file, { json })
  }
  if (eventName === undefined || fields.learner === undefined) {
    const missing = eventName === undefined ? 'the event name' : '--learner'
    throw new CliError(
      'usage',
      `${missing} is missing. Write \`waymark events send deal.created --learner ada\`, or send many with --file.`,
    )
  }
  const client = createServerClient()
  const answer = await client.call<{
    readonly eventId: string
    readonly duplicate: boolean
    readonly xpEarned: number
    readonly outcomes: readonly Outcome[]
  }>('recordEvent', {
    learnerId: fields.learner,
    eventName,
    eventPayload: readPayload(fields.payload),
    eventId: fields.id,
    occurredAt: fields.at,
    sourceModule: fields.source,
    trackId: fields.track,
    accountId: fields.account,
    eventVersion: fields.eventVersion,
  })
  if (json) return printJson(answer)
  const { eventId, duplicate, xpEarned, outcomes } = answer
  const xp = xpEarned > 0 ? `, ${tint('green', `+${xpEarned} XP`)}` : ''
  print(
    `${eventName} ${duplicate ? 'was recorded before: nothing changed' : `recorded as ${eventId}`}${xp}`,
    ...renderOutcomes(outcomes, { now: Date.now(), paint }),
  )
}
