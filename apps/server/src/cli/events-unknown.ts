import { parseCount } from './parse-count.ts'
import { print, printJson, say, tint } from './print.ts'
import { createServerClient } from './server-client.ts'

interface Unknown {
  readonly eventName: string
  readonly count: number
  readonly lastAt: string
  readonly samples: readonly { readonly channel: string; readonly fields: Readonly<Record<string, string>> }[]
}

interface Page {
  readonly items: readonly Unknown[]
  readonly nextCursor: string | null
}

/** `waymark events unknown`: events without a contract or a mapping, by name; `--json` prints one object a line. */
export async function eventsUnknown(options: { readonly limit: string; readonly json?: boolean }): Promise<void> {
  const client = createServerClient()
  const most = parseCount('--limit', options.limit)
  let shown = 0
  let cursor: string | null = null
  do {
    const asked = cursor === null ? {} : { cursor }
    const page: Page = await client.call('listUnknownEvents', { limit: Math.min(most - shown, 200), ...asked })
    for (const item of page.items) {
      shown++
      if (options.json) printJson(item)
      else print(...toLines(item))
    }
    cursor = page.nextCursor
  } while (cursor !== null && shown < most)
  if (cursor !== null) say(`There are more; --limit ${most * 2} shows them.`)
  if (shown === 0) say('Every event that came in the last 30 days has a contract or a mapping.')
}

function toLines({ eventName, count, lastAt, samples }: Unknown): string[] {
  return [
    `${tint('bold', eventName)}  ${count} ${count === 1 ? 'time' : 'times'}, last ${lastAt}`,
    ...samples.map(({ channel, fields }) => {
      const all = Object.entries(fields).map(([pointer, type]) => `${pointer} ${type}`)
      return `  by ${channel}: ${all.length === 0 ? 'no fields' : all.join(', ')}`
    }),
  ]
}
