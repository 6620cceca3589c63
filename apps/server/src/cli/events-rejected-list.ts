import { parseCount } from './parse-count.ts'
import { print, printJson, say, tint } from './print.ts'
import { type Rejected, type RejectedFilter, rejectedEvents } from './rejected-events.ts'
import { createServerClient } from './server-client.ts'

interface ListOptions extends RejectedFilter {
  readonly limit: string
  readonly json?: boolean
}

/** `waymark events rejected list`: newest first, each with its reason; `--json` prints one object a line. */
export async function eventsRejectedList({ limit, json, ...filter }: ListOptions): Promise<void> {
  const most = parseCount('--limit', limit)
  let shown = 0
  for await (const item of rejectedEvents(createServerClient(), filter, most + 1)) {
    if (shown === most) return say(`There are more; --limit ${most * 2} shows them.`)
    shown++
    if (json) printJson(item)
    else print(...toLines(item))
  }
  const which = filter.event === undefined && filter.code === undefined ? 'No event' : 'No such event'
  if (shown === 0) say(`${which} was rejected in the last 30 days.`)
}

function toLines({ id, receivedAt, channel, eventId, eventName, problem }: Rejected): string[] {
  const name = `${eventName ?? 'an event without a name'}${eventId === null ? '' : ` ${eventId}`}`
  return [
    `${receivedAt}  ${tint('bold', name)}  by ${channel}`,
    `  ${problem.code ?? 'REJECTED'}: ${problem.detail ?? 'no detail'}`,
    `  --id ${id}`,
  ]
}
