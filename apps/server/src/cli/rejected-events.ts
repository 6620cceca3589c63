import type { ServerClient } from './server-client.ts'

/** An event that could not be recorded, as the server lists it. */
export interface Rejected {
  readonly id: string
  readonly receivedAt: string
  readonly channel: string
  readonly eventId: string | null
  readonly eventName: string | null
  readonly problem: { readonly code?: string; readonly detail?: string }
}

/** Which of them are meant: all where a field is absent. */
export interface RejectedFilter {
  readonly event?: string
  readonly code?: string
}

const LARGEST_PAGE = 200

/**
 * Those that pass the filter, newest first, page by page; the filter looks at what the server sends.
 * @param wanted how many will be taken, where that is known: each comes with its body.
 */
export async function* rejectedEvents(
  client: ServerClient,
  { event, code }: RejectedFilter,
  wanted = LARGEST_PAGE,
): AsyncGenerator<Rejected> {
  const isFiltered = event !== undefined || code !== undefined
  let cursor: string | null = null
  do {
    const page: { readonly items: readonly Rejected[]; readonly nextCursor: string | null } = await client.call('listRejected', {
      limit: isFiltered ? LARGEST_PAGE : Math.min(wanted, LARGEST_PAGE),
      ...(cursor === null ? {} : { cursor }),
    })
    for (const item of page.items) {
      if ((event === undefined || item.eventName === event) && (code === undefined || item.problem.code === code)) yield item
    }
    cursor = page.nextCursor
  } while (cursor !== null)
}
