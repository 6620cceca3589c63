import type { Handler } from '@waymark/contract'
import type { ListRejectedContract } from '../contracts/onboarding.ts'
import { isId } from '../contracts/text.ts'
import type { RejectedRow } from '../ports/index.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.listRejected`: newest first. The cursor is the time and id of the last one, which may be gone by then. */
export function listRejected({ store }: Journey): Handler<typeof ListRejectedContract> {
  return async ({ input, principal, fail }) => {
    const before = input.cursor === null ? undefined : parseCursor(input.cursor)
    if (before === null) {
      const issue = {
        pointer: '/cursor',
        message: 'Expected the nextCursor of a page',
        expected: 'nextCursor',
        received: 'string',
      }
      throw fail.VALIDATION_FAILED(validationProblem([issue]))
    }
    const rows = await store.readRejected({
      tenant: principal.tenant,
      limit: input.limit + 1,
      ...(before === undefined ? {} : { before }),
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
      nextCursor: rows.length > page.length ? toCursor(page.at(-1) as RejectedRow) : null,
    }
  }
}

function toCursor({ receivedAt, id }: Pick<RejectedRow, 'receivedAt' | 'id'>): string {
  return `${receivedAt}.${id}`
}

function parseCursor(cursor: string): Pick<RejectedRow, 'receivedAt' | 'id'> | null {
  const [, time, id] = /^(\d{1,15})\.(.+)$/s.exec(cursor) ?? []
  return time === undefined || id === undefined || !isId(id) ? null : { receivedAt: Number(time), id }
}
