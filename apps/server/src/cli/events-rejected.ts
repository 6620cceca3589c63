import { CliError } from './cli-error.ts'
import { print, printJson, say, tint } from './print.ts'
import { createServerClient } from './server-client.ts'

interface Rejected {
  readonly id: string
  readonly receivedAt: string
  readonly channel: string
  readonly eventId: string | null
  readonly eventName: string | null
  readonly problem: { readonly code?: string; readonly detail?: string }
}

const LARGEST_PAGE = 200

/** `waymark events rejected`: newest first, each with its reason; `--json` prints one object a line. */
export async function eventsRejected(options: { readonly limit: string; readonly json?: boolean }): Promise<void> {
  const limit = /^[1-9]\d{0,6}$/.test(options.limit) ? Number(options.limit) : undefined
  if (limit === undefined)
    throw new CliError('usage', `--limit is ${JSON.stringify(options.limit)}. Expected a whole number above 0, e.g. --limit 50.`)
  const client = createServerClient()
  let left = limit
  let cursor: string | null = null
  do {
    const page: { readonly items: readonly Rejected[]; readonly nextCursor: string | null } = await client.call('listRejected', {
      limit: Math.min(left, LARGEST_PAGE),
      ...(cursor === null ? {} : { cursor }),
    })
    for (const item of page.items) {
      if (options.json) printJson(item)
      else print(...toLines(item))
    }
    left -= page.items.length
    cursor = page.nextCursor
  } while (cursor !== null && left > 0)
  if (left === limit) say('No event was rejected in the last 30 days.')
  else if (cursor !== null) say(`There are more; --limit ${limit * 2} shows them.`)
}

function toLines({ receivedAt, channel, eventId, eventName, problem }: Rejected): string[] {
  const name = `${eventName ?? 'an event without a name'}${eventId === null ? '' : ` ${eventId}`}`
  return [
    `${receivedAt}  ${tint('bold', name)}  by ${channel}`,
    `  ${problem.code ?? 'REJECTED'}: ${problem.detail ?? 'no detail'}`,
  ]
}
