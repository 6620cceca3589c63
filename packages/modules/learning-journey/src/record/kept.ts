/** Everything that is kept of a person, under all ids that are theirs. */
import type { EnrolmentRow, EntryRow, FactRow, JournalStore, MembershipRow, RejectedRow, SubjectKey } from '../ports/index.ts'
import { learnerOf } from './entry-row.ts'

/** A person: the subject that has the entries, and those that were merged into it. */
export interface Person {
  readonly key: SubjectKey
  readonly aliases: readonly string[]
}

export async function findPerson(store: JournalStore, named: SubjectKey): Promise<Person> {
  const key = { ...named, subject: (await store.readMerged(named)) ?? named.subject }
  return { key, aliases: await store.readAliases(key) }
}

/** What is kept of a person. */
export interface Kept {
  readonly entries: readonly EntryRow[]
  readonly facts: readonly FactRow[]
  readonly enrolments: readonly EnrolmentRow[]
  readonly memberships: readonly MembershipRow[]
  readonly merges: readonly { readonly tenant: string; readonly from: string; readonly into: string }[]
  readonly rejected: readonly RejectedRow[]
}

export async function readKept(store: JournalStore, { key, aliases }: Person): Promise<Kept> {
  const { tenant } = key
  const subjects = [key.subject, ...aliases]
  const facts = await Promise.all(subjects.map((subject) => store.readFactsOf({ tenant, subject })))
  return {
    entries: await store.readEntries(key),
    facts: facts.flat(),
    enrolments: await readEnrolments(store, key),
    memberships: await store.readMemberships([{ tenant, learner: learnerOf(key.subject) }]),
    merges: aliases.map((from) => ({ tenant, from, into: key.subject })),
    rejected: await readRejected(store, tenant, subjects.map(learnerOf)),
  }
}

const PAGE = 200

async function readEnrolments(store: JournalStore, { tenant, subject }: SubjectKey) {
  const rows = []
  for (let page = await store.listEnrolments({ tenant, subject, limit: PAGE }); ; ) {
    rows.push(...page)
    const after = page.at(-1)
    if (after === undefined || page.length < PAGE) return rows
    page = await store.listEnrolments({ tenant, subject, after, limit: PAGE })
  }
}

/** Rejected events can be anything, so each of them is looked at; they are kept for a month. */
async function readRejected(store: JournalStore, tenant: string, learnerIds: readonly string[]): Promise<RejectedRow[]> {
  const rows: RejectedRow[] = []
  for (let page = await store.readRejected({ tenant, limit: PAGE }); ; ) {
    rows.push(...page.filter(({ body }) => learnerIds.some((id) => names(body, id))))
    const before = page.at(-1)
    if (before === undefined || page.length < PAGE) return rows
    page = await store.readRejected({ tenant, before, limit: PAGE })
  }
}

/** One that was cut short is a text within a body. */
function names(body: string, learnerId: string): boolean {
  const needle = `"learnerId":${JSON.stringify(learnerId)}`
  return body.includes(needle) || body.includes(JSON.stringify(needle).slice(1, -1))
}
