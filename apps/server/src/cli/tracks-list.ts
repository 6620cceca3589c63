import type { OutputOf } from '@waymark/contract'
import type { ListTrackVersionsContract } from '@waymark/learning-journey'
import { print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'

type Page = OutputOf<typeof ListTrackVersionsContract>

/** `waymark tracks list` */
export async function tracksList({ json = false }: { readonly json?: boolean }): Promise<void> {
  const client = createServerClient()
  let cursor: string | null | undefined
  do {
    const page: Page = await client.call('listTrackVersions', { limit: 200, ...(cursor == null ? {} : { cursor }) })
    for (const track of page.items) json ? printJson(track) : print(toLine(track))
    cursor = page.nextCursor
  } while (cursor !== null)
}

function toLine({ trackId, status, version, policy, served, versions }: Page['items'][number]): string {
  const earlier = [...new Set(versions.map((row) => row.version))].filter((other) => other !== version)
  return [
    `${trackId} ${version}`,
    status === 'active' && !served ? 'not served: the log of the server says why' : status,
    ...(policy === 'carry' ? [] : [policy]),
    ...(earlier.length === 0 ? [] : [`before: ${earlier.join(', ')}`]),
  ].join(', ')
}
