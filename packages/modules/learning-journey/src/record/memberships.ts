/**
 * Who belongs to which account, and when. It is a function of the set of `waymark.grouped` in a learner's journal, whatever order they
 * arrived in: each one that joins begins a membership, which ends with the next one, in order of time, that leaves the same account.
 */
import { GROUPED } from '../engine/index.ts'
import type { EntryRow, MembershipRow, SubjectKey } from '../ports/index.ts'
import { compareText } from './derived-rows.ts'
import { learnerOf } from './entry-row.ts'

type Span = Pick<MembershipRow, 'account' | 'since' | 'until'>

/** What a `waymark.grouped` says. */
interface Grouping {
  readonly account: string
  readonly leaves: boolean
  readonly at: number
}

/** The rows of a learner, out of all that was said of them. Entries of other names are passed over. */
export function membershipsOf({ tenant, subject }: SubjectKey, entries: readonly EntryRow[]): readonly MembershipRow[] {
  const spans = spansOf(groupingsOf(entries))
  return spans.map(({ account, since, until }) => ({ tenant, learner: learnerOf(subject), account, since, until }))
}

/** What was said, in order of time. */
function groupingsOf(entries: readonly EntryRow[]): readonly Grouping[] {
  return entries
    .filter(({ name, payload }) => name === GROUPED && payload !== null)
    .sort((a, b) => a.occurredAt - b.occurredAt || compareText(a.source, b.source) || compareText(a.eventId, b.eventId))
    .map(({ payload, occurredAt: at }) => {
      const { accountId: account, leave = false } = JSON.parse(payload ?? '') as { accountId: string; leave?: boolean }
      return { account, leaves: leave, at }
    })
}

function spansOf(groupings: readonly Grouping[]): readonly Span[] {
  let spans: Span[] = []
  for (const { account, leaves, at } of groupings) {
    if (leaves) spans = spans.map((span) => (span.account === account && isIn(span, at) ? { ...span, until: at } : span))
    else if (!spans.some((span) => span.account === account && span.since === at)) spans.push({ account, since: at, until: null })
  }
  return spans
}

/** The one account at a moment; null when there is none, or more than one. */
export function accountAt(spans: readonly Span[], at: number): string | null {
  const [account, ...others] = new Set(spans.filter((span) => isIn(span, at)).map((span) => span.account))
  return account === undefined || others.length > 0 ? null : account
}

function isIn({ since, until }: Span, at: number): boolean {
  return since <= at && (until === null || at < until)
}
