import type { GroupHandler, Principal } from '@waymark/contract'
import type { ItemProblem } from '../contracts/ingest.ts'
import type { RedriveRejectedContract } from '../contracts/onboarding.ts'
import type { RedrivenRow, RejectedRow } from '../ports/index.ts'
import type { Report } from '../record/assess.ts'
import { isWhole, textField } from '../record/rejected-row.ts'
import { entriesOf, type Item, mergeAll, type Ready, toItem, toResult } from './ingest.ts'
import type { Journey } from './journey.ts'

/**
 * `learning.onboarding.redriveRejected`: what an event is worth now, by the time, door and key of its first arrival. The round that
 * stores the event removes the rejected one, so a crash leaves either both steps done or none.
 */
export function redriveRejected(journey: Journey): GroupHandler<typeof RedriveRejectedContract> {
  const { store, recorder } = journey
  return {
    commit: 'group',
    handle: async ({ input, principal, check }) => {
      const rows = new Map((await store.readRejectedById(principal.tenant, input.ids)).map((row) => [row.id, row]))
      const items: (Item | undefined)[] = []
      for (const id of input.ids) {
        const row = rows.get(id)
        items.push(row && (isWhole(row.body) ? await assessAgain(journey, row) : cutShort(row)))
      }
      /** Of the items on their way, the place of each among the ids. */
      const { prepared, places, known } = entriesOf(items)
      const rowAt = (place: number) => rows.get(input.ids[place] as string) as RejectedRow
      const merged = await mergeAll(journey, items, (place) => reportOf(rowAt(place)))
      const redriven = (place: number, problem?: ItemProblem): RedrivenRow => {
        const { tenant, id } = rowAt(place)
        return { tenant, id, problem: problem === undefined ? null : JSON.stringify(problem) }
      }
      return recorder.submit({
        prepared,
        rejected: [],
        trace: false,
        // It is there already, and stays.
        toRejected: (index) => rowAt(places[index] as number),
        toRedriven: (from, recorded) => [
          ...recorded.slice(0, Math.max(0, known - from)).map((result, index) => {
            const place = places[from + index] as number
            return redriven(place, toResult(items[place] as Ready, result, undefined).problem)
          }),
          ...(from > 0
            ? []
            : items.flatMap((item, place) => {
                if (item === undefined || 'prepared' in item || !isWhole(rowAt(place).body)) return []
                return [redriven(place, toResult(item, undefined, merged[place]).problem)]
              })),
        ],
        finish: (recorded) => {
          let next = 0
          const results = items.map((item, place) => {
            const id = input.ids[place] as string
            if (item === undefined) return { id, eventId: null, status: 'not_found' as const }
            return { id, ...toResult(item, 'prepared' in item ? recorded[next++] : undefined, merged[place]) }
          })
          return check({ success: true, results })
        },
      })
    },
  }
}

function assessAgain(journey: Journey, row: RejectedRow): Item | Promise<Item> {
  return toItem(journey, JSON.parse(row.body), reportOf(row))
}

/** How it first came. */
function reportOf(row: RejectedRow): Report {
  return {
    principal: firstPrincipal(row, JSON.parse(row.body)),
    channel: row.channel,
    receivedAt: row.receivedAt,
    fallbackId: () => row.eventId ?? row.id,
  }
}

/** Who reported it, as far as that decides what the event is worth: what a learner reported stays untrusted. */
function firstPrincipal({ tenant, channel, keyId }: RejectedRow, raw: unknown): Report['principal'] {
  if (channel === 'client') {
    const account = textField(raw, 'accountId')
    const learner: Principal = { kind: 'learner', tenant, id: textField(raw, 'learnerId') ?? '' }
    // An event of a learner is kept only after it was assessed: the token named the account.
    return account === null ? learner : { ...learner, accounts: [account] }
  }
  return keyId === null ? { kind: 'anonymous', tenant } : { kind: 'service', tenant, id: keyId, scopes: [] }
}

function cutShort({ eventId }: RejectedRow): Item {
  const detail = 'The event was too long to be kept whole, so it cannot be tried again. Send it again from where it came from.'
  return { status: 'too_large', eventId, problem: { code: 'PAYLOAD_TOO_LARGE', detail } }
}
