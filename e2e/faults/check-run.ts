/**
 * The checker of all fault tests. It knows what the clients know and what the database holds, and asks of both:
 * nothing acknowledged is lost, nothing is there twice or was never sent, and what was derived is what the naive oracle derives from
 * the same journal. It looks at no code of the store and, apart from unpacking states, at none of the engine.
 */
import { createHash } from 'node:crypto'
import { type CompiledTrack, compileTrack, SubjectRow } from '@waymark/learning-journey/engine'
import { type Expected, expectedOf } from '../oracle/oracle.ts'
import type { Entry as OracleEntry, Track as OracleTrack } from '../oracle/track.ts'
import type { ClientLog, Sent } from './client-log.ts'
import { tracks } from './faults-module.ts'
import type { StoredEvent, StoredFact, StoredRows } from './stored-rows.ts'

const MOST_PROBLEMS = 20
const EMIT = 'emit'
const NEW = new Set(['recorded', 'unmatched'])
const KEPT = new Set([...NEW, 'duplicate', 'enrolled'])

/** What is wrong after a run in which everything was sent again at the end; nothing when all is right. */
export function checkRun(log: ClientLog, rows: StoredRows): string[] {
  return [...checkAcknowledged(log, rows), ...checkAnswers(log), ...checkDrawn(log, rows), ...checkDerived(rows)].slice(
    0,
    MOST_PROBLEMS,
  )
}

/** What was acknowledged is in the journal with the acknowledged body, and nothing is there that was not sent. */
export function checkAcknowledged(log: ClientLog, rows: StoredRows): string[] {
  const problems: string[] = []
  const journal = new Map<string, StoredEvent>()
  for (const event of rows.events) {
    const key = journalKey(event.subject, event.source, event.eventId)
    if (journal.has(key)) problems.push(`${key} is in the journal twice`)
    journal.set(key, event)
  }
  const drawn = ticketsOf(rows)
  const bodies = new Map<string, Set<string>>()
  for (const sent of log.sent) {
    if (sent.fate !== 'stored') continue
    const key = keyOf(sent)
    bodies.set(key, (bodies.get(key) ?? new Set()).add(bodyOf(sent.name, sent.payload)))
  }
  for (const [key, event] of journal) {
    // The server emits it; `checkDrawn` looks at what it says.
    if (event.channel === EMIT) continue
    if (!bodies.get(key)?.has(storedBody(event))) problems.push(`${key} is in the journal and was never sent like that`)
  }
  const rejected = new Set(rows.rejected)
  const newOnes = new Map<string, number>()
  const tickets = new Map<string, string>()
  for (const { sent, status } of log.answers) {
    const key = keyOf(sent)
    const stored = journal.get(key)
    if (sent.operation === 'drawTicket') {
      const first = tickets.get(key) ?? status
      tickets.set(key, first)
      if (first !== status) problems.push(`${key} was answered with ${first}, and then with ${status}`)
      if (!drawn.has(status) && !rows.emitted.some((body) => body.includes(status)))
        problems.push(`${key} was answered with ${status}, and what it emitted is lost`)
    } else if (KEPT.has(status)) {
      const isSame = stored !== undefined && storedBody(stored) === bodyOf(sent.name, sent.payload)
      if (!isSame) problems.push(`${key} was acknowledged as ${status} and is lost`)
      if (NEW.has(status)) newOnes.set(key, (newOnes.get(key) ?? 0) + 1)
    } else if (status === 'conflict') {
      const isOther = stored !== undefined && storedBody(stored) !== bodyOf(sent.name, sent.payload)
      if (!isOther) problems.push(`${key} was a conflict, and no other body is stored`)
    } else if (status === 'invalid' && !rejected.has(sent.key)) {
      problems.push(`${key} was answered as invalid and is not among the rejected`)
    }
  }
  for (const [key, count] of newOnes) if (count > 1) problems.push(`${key} was answered as new ${count} times`)
  return problems
}

/** Once everybody has an answer: what was emitted was emitted by those calls, once each. */
function checkDrawn(log: ClientLog, rows: StoredRows): string[] {
  const answered = new Set(log.answers.filter(({ sent }) => sent.operation === 'drawTicket').map(({ status }) => status))
  return [...ticketsOf(rows)].flatMap(([ticket, count]) => [
    ...(count > 1 ? [`${ticket} is in the journal ${count} times`] : []),
    ...(answered.has(ticket) ? [] : [`${ticket} is in the journal, and no call has answered it`]),
  ])
}

/** How often each emitted ticket is in the journal. */
function ticketsOf({ events }: StoredRows): ReadonlyMap<string, number> {
  const tickets = new Map<string, number>()
  for (const { channel, payload } of events) {
    if (channel !== EMIT) continue
    const { ticket } = JSON.parse(payload ?? '{}') as { readonly ticket: string }
    tickets.set(ticket, (tickets.get(ticket) ?? 0) + 1)
  }
  return tickets
}

/** Whatever was sent has got the answer that is due. */
function checkAnswers(log: ClientLog): string[] {
  const answers = new Map<Sent, Set<string>>()
  for (const { sent, status } of log.answers) answers.set(sent, (answers.get(sent) ?? new Set()).add(status))
  return [...log.sent].flatMap((sent) => {
    const statuses = [...(answers.get(sent) ?? [])]
    const isRight = statuses.length > 0 && statuses.every((status) => isDue(sent, status))
    return isRight ? [] : [`${keyOf(sent)} should be ${sent.fate}, and was answered with ${statuses.join(', ') || 'nothing'}`]
  })
}

function isDue({ fate }: Sent, status: string): boolean {
  if (fate === 'stored') return KEPT.has(status) || status === 'conflict'
  return fate === 'answered' || status === (fate === 'rejected' ? 'invalid' : fate)
}

/** States, facts and points are those that the oracle derives from the journal. */
export function checkDerived({ events, facts, states }: StoredRows): string[] {
  const rowOf = new Map(states.map(({ subject, state }) => [subject, new SubjectRow(state)]))
  const entriesOf = groupBy(events, ({ subject }) => subject)
  const factsOfSubject = groupBy(facts, ({ subject }) => subject)
  const problems: string[] = []
  for (const subject of new Set([...rowOf.keys(), ...entriesOf.keys(), ...factsOfSubject.keys()])) {
    const entries = (entriesOf.get(subject) ?? []).map(toOracleEntry)
    const own = factsOfSubject.get(subject) ?? []
    for (const { compiled, oracle } of TRACKS) {
      const expected = expectedOf(oracle, entries)
      const there = own.filter(({ track }) => track === compiled.key)
      const at = `${subject} ${compiled.key}`
      problems.push(
        ...differ(
          `${at}: facts`,
          there.map(nameOf).sort(),
          expected.facts.map(({ name, step }) => `learning.onboarding.${name}:${step}`).sort(),
        ),
        ...differ(`${at}: points`, xpOf(there), expected.xp),
        ...differ(`${at}: state`, stateOf(compiled, rowOf.get(subject)), derivedOf(expected)),
      )
    }
  }
  return problems
}

/**
 * One hash over what was stored and derived. Two runs of the same events have the same one, whatever came twice, late or in pieces:
 * when an entry arrived, and which entry caused a fact first, is no part of it.
 */
export function digestOf({ events, facts, states }: StoredRows): string {
  const lines = [
    ...events.map(({ subject, source, eventId, kind, name, version, occurredAt, track, payload }) =>
      JSON.stringify(['event', subject, source, eventId, kind, name, version, occurredAt, track, payload]),
    ),
    ...facts.map(({ subject, factId, name, track, step, data }) =>
      JSON.stringify(['fact', subject, factId, name, track, step, data]),
    ),
    ...states.flatMap(({ subject, state }) => {
      const row = new SubjectRow(state)
      return TRACKS.map(({ compiled }) => JSON.stringify(['state', subject, compiled.key, stateOf(compiled, row)]))
    }),
  ]
  const hash = createHash('sha256')
  for (const line of lines.sort()) hash.update(line).update('\n')
  return hash.digest('hex')
}

const TRACKS = tracks.map((track) => ({
  compiled: compileTrack(track),
  // The oracle has a model of its own; both read the published form.
  oracle: JSON.parse(JSON.stringify(track)) as OracleTrack,
}))

function keyOf({ operation, learnerId, key }: Sent): string {
  return journalKey(`l:${learnerId}`, operation === 'enroll' ? 'waymark' : '', key)
}

function journalKey(subject: string, source: string, eventId: string): string {
  return `${subject} ${source} ${eventId}`
}

function bodyOf(name: string, payload: unknown): string {
  return `${name} ${JSON.stringify(payload)}`
}

/** An expired payload is no body that anybody sent: nothing expires in these tests. */
function storedBody({ name, payload }: StoredEvent): string {
  return bodyOf(name, payload === null ? null : JSON.parse(payload))
}

function toOracleEntry({ payload, ...entry }: StoredEvent): OracleEntry {
  return { ...entry, payload: payload === null ? null : JSON.parse(payload) }
}

function nameOf({ name, step }: StoredFact): string {
  return `${name}:${step ?? ''}`
}

function xpOf(facts: readonly StoredFact[]): number {
  return facts
    .filter(({ name }) => name.endsWith('.xp.granted'))
    .reduce((sum, { data }) => sum + (JSON.parse(data) as { readonly xp: number }).xp, 0)
}

/** Null where nothing was ever counted, whether a row says so or there is none. */
function stateOf(track: CompiledTrack, row: SubjectRow | undefined) {
  const state = row?.get(track)?.state
  if (state === undefined) return NOTHING
  const isFinished = state.completedAt >= 0
  return {
    startedAt: state.startedAt,
    completedAt: state.completedAt,
    doneAt: state.startedAt < 0 ? NOTHING.doneAt : state.settledAt,
    counts: isFinished || state.tally.counts.every((count) => count === 0) ? NOTHING.counts : state.tally.counts,
    standing: state.standing.length,
  }
}

function derivedOf({ runs, counts }: Expected): typeof NOTHING {
  const run = runs.at(-1)
  const completedAt = run?.completedAt ?? -1
  return {
    startedAt: run?.startedAt ?? -1,
    completedAt,
    doneAt: run === undefined ? NOTHING.doneAt : Object.values(run.steps).map(({ at }) => at ?? -1),
    counts: completedAt >= 0 || counts.every((count) => count === 0) ? NOTHING.counts : counts,
    standing: 0,
  }
}

const NOTHING = {
  startedAt: -1,
  completedAt: -1,
  doneAt: [] as readonly number[],
  counts: [] as readonly number[],
  standing: 0,
}

function differ(what: string, actual: unknown, expected: unknown): string[] {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  return found === wanted ? [] : [`${what}: ${found}, and the oracle says ${wanted}`]
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const own = groups.get(key(item))
    if (own === undefined) groups.set(key(item), [item])
    else own.push(item)
  }
  return groups
}
