import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MIGRATIONS, migrate } from './migrate.ts'
import { createOperatorReader } from './operator-reader.ts'

const tenant = 'acme'
const limit = 50
let db: DatabaseSync

/** Two events, runs and facts, of two tracks, so that what steps from one to the next takes a step. */
beforeAll(() => {
  db = new DatabaseSync(':memory:')
  migrate(db, 'my.db', MIGRATIONS, 1)
  for (const n of [1, 2]) {
    db.exec(`insert into event (tenant, subject, source, event_id, kind, name, version, occurred_at, received_at, channel, body_hash, payload_format, payload)
      values ('acme', 'l:${n}', '', 'e', 'event', 'name${n}', '1.0.0', 1, 1, 'rest', 'h', 1, '{}')`)
    db.exec(`insert into enrolment (tenant, subject, track, run, version, status, started_at, percent, held_out, changed_at)
      values ('acme', 'l:${n}', 'track${n}', 0, '1.0.0', 'active', 1, 0, 0, 1)`)
    db.exec(`insert into fact (tenant, position, subject, fact_id, name, track, run, cause_source, cause_id, occurred_at, data)
      values ('acme', ${n}, 'l:${n}', 'f', 'name${n}', 'track${n}', 0, '', 'e', 1, '{}')`)
  }
})
afterAll(() => db.close())

type Reader = ReturnType<typeof createOperatorReader>

it.each<[string, (reader: Reader) => unknown]>([
  ['events', (reader) => reader.listEvents({ tenant, limit })],
  ['events of a source', (reader) => reader.listEvents({ tenant, source: 'crm', limit })],
  ['what commands wrote', (reader) => reader.listEvents({ tenant, kind: 'control', limit })],
  ['events of a time', (reader) => reader.listEvents({ tenant, from: 1, to: 2, limit })],
  ['events of an account', (reader) => reader.listEvents({ tenant, subject: 'a:acc', limit })],
  ['facts', (reader) => reader.listFacts({ tenant, first: 'newest', after: 9, limit })],
  ['facts of a learner', (reader) => reader.listFacts({ tenant, subject: 'l:1', limit })],
  ['facts of a track', (reader) => reader.listFacts({ tenant, track: 'track1', limit })],
  ['facts with a name', (reader) => reader.listFacts({ tenant, name: 'name2', first: 'newest', limit })],
  ['enrolments', (reader) => reader.listEnrolments({ tenant, limit })],
  ['enrolments of a learner', (reader) => reader.listEnrolments({ tenant, subject: 'l:1', limit })],
  ['enrolments with a status', (reader) => reader.listEnrolments({ tenant, status: 'missed', limit })],
  ['enrolments at a step', (reader) => reader.listEnrolments({ tenant, openStep: 'step', limit })],
  ['enrolments of a track', (reader) => reader.listEnrolments({ tenant, track: 'track1', startedFrom: 1, limit })],
  ['learners', (reader) => reader.listSubjects({ tenant, kind: 'learner', limit })],
  ['accounts', (reader) => reader.listSubjects({ tenant, kind: 'account', limit })],
  ['the counts of a track', (reader) => reader.readRollup({ tenant, track: 'track1' })],
])('reads %s by an index', (_, read) => {
  const texts: string[] = []
  const prepare = (text: string) => {
    texts.push(text)
    return db.prepare(text)
  }
  read(createOperatorReader({ prepare } as DatabaseSync))
  for (const text of texts) {
    const plan = db
      .prepare(`explain query plan ${text}`)
      .all()
      .map(({ detail }) => detail as string)
    expect(plan.filter((line) => !/^SEARCH |^USE TEMP B-TREE/.test(line))).toEqual([])
    expect(plan.some((line) => line.startsWith('SEARCH '))).toBe(true)
  }
})
