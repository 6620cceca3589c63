import type { Handler } from '@waymark/contract'
import type { ListUnknownEventsContract } from '../contracts/unknown-events.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { BAD_CURSOR, parseCursor, toCursor } from './cursor.ts'
import { type Journey, toMoment } from './journey.ts'

/** `learning.onboarding.listUnknownEvents`: newest first. The cursor is the time and name of the last one. */
export function listUnknownEvents({ unknownEvents, registry }: Journey): Handler<typeof ListUnknownEventsContract> {
  return async ({ input, principal, fail }) => {
    const after = input.cursor === null ? undefined : parseCursor(input.cursor, ['number', 'string'])
    if (after === null) throw fail.VALIDATION_FAILED(validationProblem([BAD_CURSOR]))
    const all = await unknownEvents.list(principal.tenant)
    const [time, last] = (after ?? [Number.POSITIVE_INFINITY, '']) as readonly [number, string]
    const isAfter = ({ lastAt, name }: { readonly lastAt: number; readonly name: string }) =>
      lastAt < time || (lastAt === time && name < last)
    // What has a contract by now is unknown no more.
    const rows = all.filter((row) => isAfter(row) && registry.event(row.name) === undefined)
    const page = rows.slice(0, input.limit)
    const end = page.at(-1)
    return {
      items: page.map(({ name, count, firstAt, lastAt, samples }) => ({
        eventName: name,
        count,
        firstAt: toMoment(firstAt),
        lastAt: toMoment(lastAt),
        samples: samples.map(({ receivedAt, channel, source, fields }) => ({
          receivedAt: toMoment(receivedAt),
          channel,
          sourceModule: source,
          fields,
        })),
      })),
      nextCursor: end !== undefined && rows.length > page.length ? toCursor([end.lastAt, end.name]) : null,
    }
  }
}
