/**
 * The places at which a server is killed. A place is before or after one statement (as it is sent to the database) or one moment of an
 * HTTP exchange; the store's code knows nothing of it.
 */
export interface CrashPoint {
  readonly name: string
  readonly store: StoreName
  readonly when: 'before' | 'after'
  /** The statement, by its text; or the moment of an exchange. */
  readonly at: RegExp | 'request' | 'answer'
  /** Only in a transaction that has sent such a statement. */
  readonly within: RegExp | undefined
  /** The process dies at one of the first so many times that it comes here. */
  readonly most: number
  /** Reached only by a server that starts on an empty database. */
  readonly isOfFirstStart: boolean
}

export type StoreName = 'sqlite' | 'postgres'

interface Place {
  readonly at: CrashPoint['at']
  readonly within?: RegExp
  readonly most?: number
}

const EXCHANGE: Readonly<Record<string, Place>> = {
  'http: a request': { at: 'request', most: 20 },
  'http: an answer': { at: 'answer', most: 20 },
}

const FIRST_START: Readonly<Record<StoreName, Readonly<Record<string, Place>>>> = {
  sqlite: {
    'owner lock': { at: /begin exclusive/ },
    'write-ahead log': { at: /^pragma journal_mode = wal/ },
    'migration: its table': { at: /^create table if not exists migration/ },
    'migration: its file': { at: /create table event \(/ },
    'migration: its row': { at: /^insert into migration/ },
    'migration: commit': { at: /^commit$/, within: /^insert into migration/ },
    'publication: a track': { at: /^insert into track_version/, most: 3 },
    'rejected: prune': { at: /^delete from rejected/ },
    'unknown events: prune': { at: /^delete from unknown_event where last_at/ },
  },
  postgres: {
    'migration: lock': { at: /pg_advisory_xact_lock\(\$1\)/ },
    'migration: schema': { at: /^create schema/ },
    'migration: its table': { at: /^create table if not exists waymark\.migration/ },
    'migration: its file': { at: /create table waymark\.event \(/ },
    'migration: its row': { at: /^insert into waymark\.migration/ },
    'migration: commit': { at: /^commit$/, within: /^insert into waymark\.migration/ },
    'publication: a track': { at: /^insert into waymark\.track_version/, most: 3 },
    'publication: commit': { at: /^commit$/, within: /^insert into waymark\.track_version/, most: 1 },
    'rejected: prune': { at: /^delete from waymark\.rejected/ },
    'rejected: commit of prune': { at: /^commit$/, within: /^delete from waymark\.rejected/ },
    'unknown events: prune': { at: /^delete from waymark\.unknown_event where last_at/ },
  },
}

const RUNNING: Readonly<Record<StoreName, Readonly<Record<string, Place>>>> = {
  sqlite: {
    'round: begin': { at: /^begin immediate$/, most: 12 },
    'round: read a state': { at: /^select version, state from subject_state/, most: 40 },
    'round: insert an event': { at: /^insert into event/, most: 80 },
    'round: look up a duplicate': { at: /^select body_hash from event/, most: 12 },
    'round: read a journal': { at: /from event where tenant = .* and name in/, most: 12 },
    'round: insert a state': { at: /^insert into subject_state/, most: 8 },
    'round: update a state': { at: /^update subject_state/, most: 30 },
    'round: insert a fact': { at: /^insert into fact/, most: 30 },
    'round: insert a rejected event': { at: /^insert into rejected/, most: 8 },
    'round: commit': { at: /^commit$/, within: /^insert into event/, most: 12 },
    'command: find the kept answer': { at: /from idempotency where tenant/, most: 4 },
    'command: keep the answer': { at: /^insert into idempotency/, most: 4 },
    'command: prune kept answers': { at: /^delete from idempotency/ },
    'command: commit': { at: /^commit$/, within: /^insert into idempotency/, most: 4 },
    'command: keep what was emitted': { at: /^insert into emitted/, most: 4 },
    'command: commit of what was emitted': { at: /^commit$/, within: /^insert into emitted/, most: 4 },
    'emitted: hold an event': { at: /^update emitted set held_until = \? where number/, most: 4 },
    'emitted: forget an event': { at: /^delete from emitted/, most: 4 },
    'round: an event to hand on': { at: /^insert into outgoing/, most: 8 },
    'relay: hold an event': { at: /^update outgoing set held_until = \? where number/, most: 4 },
    'relay: hold what failed': { at: /^update outgoing set held_until = \?, tries/, most: 2 },
    'relay: forget an event': { at: /^delete from outgoing/, most: 4 },
    'relay: take a cursor': { at: /^insert into fact_cursor/ },
    'relay: move a cursor': { at: /^update fact_cursor/, most: 2 },
    'inbox: look': { at: /^select 1 from inbox/, most: 4 },
    'inbox: add': { at: /^insert into inbox/, most: 4 },
    'inbox: prune': { at: /^delete from inbox/ },
    'inbox: commit': { at: /^commit$/, within: /^insert into inbox/, most: 4 },
    'query: a state': { at: /^select state from subject_state/, most: 4 },
    'unknown events: count': { at: /^insert into unknown_event/ },
    'unknown events: commit': { at: /^commit$/, within: /^insert into unknown_event/ },
    'checkpoint of the log': { at: /^pragma wal_checkpoint/ },
  },
  postgres: {
    'round: insert events': { at: /^insert into waymark\.event /, most: 12 },
    'round: lock states': { at: /from waymark\.subject_state .* for update/, most: 12 },
    'round: look up duplicates': { at: /^select e\.body_hash/, most: 8 },
    'round: read a journal': { at: /^with c as materialized .* from waymark\.event/s, most: 20 },
    'round: insert states': { at: /insert into waymark\.subject_state \(/, most: 4 },
    'round: update states': { at: /insert into waymark\.subject_state as s/, most: 12 },
    'round: insert facts': { at: /^insert into waymark\.fact /, most: 8 },
    'round: insert rejected events': { at: /^insert into waymark\.rejected/, most: 8 },
    'round: commit': { at: /^commit$/, within: /^insert into waymark\.event /, most: 12 },
    'command: lock its scope': { at: /pg_advisory_xact_lock\(hashtextextended/, most: 4 },
    'command: find the kept answer': { at: /^select input_hash, answer from waymark\.idempotency/, most: 4 },
    'command: keep the answer': { at: /^insert into waymark\.idempotency/, most: 4 },
    'command: prune kept answers': { at: /^delete from waymark\.idempotency/ },
    'command: commit': { at: /^commit$/, within: /^insert into waymark\.idempotency/, most: 4 },
    'command: keep what was emitted': { at: /^insert into waymark\.emitted/, most: 4 },
    'command: commit of what was emitted': { at: /^commit$/, within: /^insert into waymark\.emitted/, most: 4 },
    'emitted: hold events': { at: /^with free as materialized .* waymark\.emitted/s, most: 4 },
    'emitted: forget events': { at: /^delete from waymark\.emitted/, most: 4 },
    'sequencer: lock': { at: /^select last from waymark\.fact_sequence/, most: 2 },
    'sequencer: give positions': { at: /update waymark\.fact_sequence/ },
    'sequencer: commit': { at: /^commit$/, within: /update waymark\.fact_sequence/ },
    'round: events to hand on': { at: /^insert into waymark\.outgoing/, most: 8 },
    'relay: hold events': { at: /^with free as materialized .* waymark\.outgoing/s, most: 4 },
    'relay: hold what failed': { at: /^update waymark\.outgoing o set held_until/, most: 2 },
    'relay: forget an event': { at: /^delete from waymark\.outgoing/, most: 4 },
    // What moves it comes too late for a test: for half a minute it is held by the process that died.
    'relay: take a cursor': { at: /^insert into waymark\.fact_cursor/ },
    'inbox: look': { at: /^select 1 from waymark\.inbox/, most: 4 },
    'inbox: add': { at: /^insert into waymark\.inbox/, most: 4 },
    'inbox: prune': { at: /^delete from waymark\.inbox/ },
    'inbox: commit': { at: /^commit$/, within: /^insert into waymark\.inbox/, most: 4 },
    'unknown events: count': { at: /^insert into waymark\.unknown_event/ },
    'unknown events: commit': { at: /^commit$/, within: /^insert into waymark\.unknown_event/ },
    'query: a state': { at: /^select encode\(state/, most: 4 },
  },
}

/** All points of a store, in the order in which a server comes to them. */
export function crashPointsOf(store: StoreName): readonly CrashPoint[] {
  const of = (places: Readonly<Record<string, Place>>, isOfFirstStart: boolean) =>
    Object.entries(places).flatMap(([name, { at, within, most = 1 }]) =>
      (['before', 'after'] as const).map((when) => ({ name: `${name}, ${when}`, store, when, at, within, most, isOfFirstStart })),
    )
  return [...of(FIRST_START[store], true), ...of(RUNNING[store], false), ...of(EXCHANGE, false)]
}
