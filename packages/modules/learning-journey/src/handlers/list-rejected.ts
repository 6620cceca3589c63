import type { Handler } from '@waymark/contract'
import type { ListRejectedContract } from '../contracts/onboarding.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.listRejected`: newest first. The cursor is the id of the last one. */
export function listRejected({ store }: Journey): Handler<typeof ListRejectedContract> {
  return async ({ input, principal }) => {
    const rows = await store.readRejected({
      tenant: principal.tenant,
      limit: input.limit + 1,
      ...(input.cursor === null ? {} : { before: input.cursor }),
    })
    const page = rows.slice(0, input.limit)
    return {
      items: page.map((row) => ({
        id: row.id,
        receivedAt: toMoment(row.receivedAt),
        channel: row.channel,
        eventId: row.eventId,
        eventName: row.name,
        problem: JSON.parse(row.problem),
        event: JSON.parse(row.body),
      })),
      nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
    }
  }
}
