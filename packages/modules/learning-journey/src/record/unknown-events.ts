/**
 * Counts events that no contract and no mapping knows, by name. Counting only touches memory; what is counted goes to the store some
 * seconds later, many events as one row. Invariants:
 * - what cannot be written is kept and written with the next; a process that is killed loses some seconds of counts, one that closes none;
 * - of a tenant a few hundred names wait at most: the store keeps no more either;
 * - a sample has the names and types of fields, never what they hold.
 */
import { type Ports, toPointer } from '@waymark/contract'
import type { JournalStore, UnknownEventRow } from '../ports/index.ts'

/** One event that nothing knows. */
export interface UnknownEvent {
  readonly tenant: string
  readonly name: string
  readonly channel: string
  readonly source: string | null
  readonly receivedAt: number
  readonly payload: unknown
}

/** What one of them looked like. */
export interface UnknownSample {
  readonly receivedAt: number
  readonly channel: string
  readonly source: string | null
  /** The type of each field, by its JSON Pointer. */
  readonly fields: Readonly<Record<string, string>>
}

export interface UnknownEvents {
  count(event: UnknownEvent): void
  /** All of a tenant, newest first, with what this process counted up to now. */
  list(tenant: string): Promise<readonly (Omit<UnknownEventRow, 'samples'> & { readonly samples: readonly UnknownSample[] })[]>
  /** Writes what is counted, and counts no more in the background. */
  close(): Promise<void>
}

interface Context {
  readonly store: Pick<JournalStore, 'countUnknownEvents' | 'readUnknownEvents'>
  readonly after: Ports['after']
  /** Told of counts that could not be written. They are kept for the next time. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** How many names of a tenant are kept: those that came last. */
export const MOST_NAMES = 300
const MOST_SAMPLES = 3
const MOST_FIELDS = 40
const DEEPEST = 4
const LONGEST_NAME = 64
const WRITE_MS = 3_000

interface Counted {
  count: number
  firstAt: number
  lastAt: number
  samples: readonly UnknownSample[]
  /** How many events were looked at for a sample since the last write. */
  looked: number
}

/** By tenant and name. */
type Pending = Map<string, Map<string, Counted>>

export function createUnknownEvents({ store, after, onFailure }: Context): UnknownEvents {
  let pending: Pending = new Map()
  let cancel: (() => void) | undefined
  let isClosed = false
  let writing: Promise<void> = Promise.resolve()

  function expectWrite(): void {
    if (isClosed || cancel !== undefined) return
    cancel = after(WRITE_MS, () => {
      cancel = undefined
      void write().catch((error: unknown) => onFailure?.(error))
    })
  }

  /** One after the other, so that the samples of one are there for the next. */
  function write(): Promise<void> {
    const done = writing.then(writeAll)
    writing = done.catch(() => {})
    return done
  }

  async function writeAll(): Promise<void> {
    if (pending.size === 0) return
    const taken = pending
    pending = new Map()
    try {
      await store.countUnknownEvents((await Promise.all([...taken].map(toRows))).flat(), MOST_NAMES)
    } catch (error) {
      putBack(taken)
      expectWrite()
      throw error
    }
  }

  async function toRows([tenant, names]: readonly [string, ReadonlyMap<string, Counted>]): Promise<readonly UnknownEventRow[]> {
    const known = new Map((await store.readUnknownEvents(tenant)).map(({ name, samples }) => [name, samples]))
    return [...names].map(([name, { count, firstAt, lastAt, samples }]) => {
      const all = [...samples, ...parseSamples(known.get(name) ?? '[]')]
      return { tenant, name, count, firstAt, lastAt, samples: JSON.stringify(distinct(all)) }
    })
  }

  function putBack(taken: Pending): void {
    for (const [tenant, names] of taken) {
      for (const [name, { count, firstAt, lastAt, samples }] of names) {
        const counted = countedOf(tenant, name, firstAt)
        if (counted === undefined) continue
        counted.count += count
        counted.firstAt = Math.min(counted.firstAt, firstAt)
        counted.lastAt = Math.max(counted.lastAt, lastAt)
        counted.samples = distinct([...counted.samples, ...samples])
      }
    }
  }

  /** Undefined when as many names as are kept wait already. */
  function countedOf(tenant: string, name: string, at: number): Counted | undefined {
    const names = pending.get(tenant) ?? new Map<string, Counted>()
    pending.set(tenant, names)
    const known = names.get(name)
    if (known !== undefined || names.size >= MOST_NAMES) return known
    const made: Counted = { count: 0, firstAt: at, lastAt: at, samples: [], looked: 0 }
    names.set(name, made)
    return made
  }

  return {
    count({ tenant, name, channel, source, receivedAt, payload }) {
      const counted = countedOf(tenant, name, receivedAt)
      if (counted === undefined) return
      counted.count += 1
      counted.lastAt = Math.max(counted.lastAt, receivedAt)
      // The others are not worth a walk through their fields.
      if (counted.looked < MOST_SAMPLES) {
        counted.looked += 1
        counted.samples = distinct([{ receivedAt, channel, source, fields: fieldsOf(payload) }, ...counted.samples])
      }
      expectWrite()
    },
    async list(tenant) {
      await write()
      const rows = await store.readUnknownEvents(tenant)
      return rows.map((row) => ({ ...row, samples: parseSamples(row.samples) }))
    },
    async close() {
      isClosed = true
      cancel?.()
      await write()
    },
  }
}

function parseSamples(text: string): readonly UnknownSample[] {
  return JSON.parse(text) as readonly UnknownSample[]
}

/** The first ones, of each shape and channel one. */
function distinct(samples: readonly UnknownSample[]): readonly UnknownSample[] {
  const seen = new Map<string, UnknownSample>()
  for (const sample of samples) {
    const key = JSON.stringify([sample.channel, sample.source, Object.entries(sample.fields).sort(byName)])
    if (!seen.has(key)) seen.set(key, sample)
  }
  return [...seen.values()].slice(0, MOST_SAMPLES)
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}

/** The types of the fields of a payload, as far as they are worth showing. */
function fieldsOf(payload: unknown): Record<string, string> {
  const fields: [string, string][] = []
  const walk = (value: unknown, path: readonly PropertyKey[]) => {
    if (typeof value !== 'object' || value === null || path.length >= DEEPEST) return
    // Of a list, the first item stands for all.
    const members: (readonly [PropertyKey, unknown])[] = Array.isArray(value)
      ? value.slice(0, 1).map((item) => [0, item])
      : Object.entries(value)
    for (const [name, member] of members) {
      if (fields.length >= MOST_FIELDS) return
      if (typeof name === 'string' && (name.length > LONGEST_NAME || !name.isWellFormed())) continue
      const at = [...path, name]
      fields.push([toPointer(at), typeOf(member)])
      walk(member, at)
    }
  }
  walk(payload, [])
  return Object.fromEntries(fields)
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
