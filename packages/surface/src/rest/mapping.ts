import { parsePointer, type Registry, valueAt } from '@waymark/contract'
import { MappingError } from '../errors.ts'
import { isForbiddenKey } from './parse-json.ts'

/** How an event of another system becomes one of ours. */
export interface Mapping {
  /** The event's name on the wire. */
  readonly from: string
  /** Key of an event contract, or `key@version`. */
  readonly to: string
  /** Pointers into our payload, each with the pointer into the payload as sent that fills it. Absent: the payload is taken as it is. */
  readonly payload?: { readonly [targetPointer: string]: string }
  /** JSON Pointer, in the payload as sent, of the learner's id. */
  readonly learner?: string
  /** JSON Pointer, in the payload as sent, of the account's id. */
  readonly account?: string
}

/** What a mapping makes of one event. */
export interface MappedEvent {
  readonly eventName: string
  readonly eventVersion: string | undefined
  readonly eventPayload: unknown
  readonly learnerId: unknown
  readonly accountId: unknown
}

/**
 * Checks mappings against the contracts they name.
 * @throws MappingError naming the mapping, what is wrong with it, and what to write instead.
 */
export function checkMappings(mappings: readonly Mapping[], registry: Registry): void {
  const seen = new Map<string, Mapping>()
  for (const mapping of mappings) {
    const { from, to, learner, account, payload = {} } = mapping
    const name = `The mapping from ${JSON.stringify(from)}`
    const twin = seen.get(from)
    if (twin !== undefined) {
      throw new MappingError('MAPPING_DUPLICATE', `${name} is there twice, to ${twin.to} and to ${to}. Keep one of them.`)
    }
    seen.set(from, mapping)
    if (registry.event(...target(to)) === undefined) {
      const known = registry.events.map(({ event }) => event.meta.key)
      throw new MappingError(
        'MAPPING_TARGET_UNKNOWN',
        `${name} goes to ${JSON.stringify(to)}, which is no event contract. Declare it, or use one of: ${[...new Set(known)].join(', ') || 'none is declared'}.`,
      )
    }
    checkPointers(name, { learner, account }, payload)
  }
}

/** The function that maps events by their name on the wire; undefined for a name without a mapping. */
export function createMapper(mappings: readonly Mapping[]): (from: unknown, payload: unknown) => MappedEvent | undefined {
  const byName = new Map<unknown, Mapping>(mappings.map((mapping) => [mapping.from, mapping]))
  return (from, payload) => {
    const mapping = byName.get(from)
    if (mapping === undefined) return undefined
    const [eventName, eventVersion] = target(mapping.to)
    return {
      eventName,
      eventVersion,
      eventPayload: mapping.payload === undefined ? payload : rebuilt(payload, mapping.payload),
      learnerId: mapping.learner === undefined ? undefined : valueAt(payload, mapping.learner),
      accountId: mapping.account === undefined ? undefined : valueAt(payload, mapping.account),
    }
  }
}

function target(to: string): [key: string, version?: string] {
  const at = to.indexOf('@')
  return at === -1 ? [to] : [to.slice(0, at), to.slice(at + 1)]
}

function checkPointers(
  name: string,
  fields: Readonly<Record<string, string | undefined>>,
  payload: Readonly<Record<string, string>>,
): void {
  const sources = [
    ...Object.entries(fields),
    ...Object.entries(payload).map(([to, from]) => [`payload[${JSON.stringify(to)}]`, from]),
  ]
  for (const [place, pointer] of sources) {
    if (pointer !== undefined && parsePointer(pointer) === undefined) {
      throw illegalPointer(name, `has ${place} ${JSON.stringify(pointer)}, which is no JSON Pointer`)
    }
  }
  const targets = Object.keys(payload)
  for (const pointer of targets) {
    const path = parsePointer(pointer)
    if (path === undefined) throw illegalPointer(name, `fills ${JSON.stringify(pointer)}, which is no JSON Pointer`)
    if (path.some(isForbiddenKey)) throw illegalPointer(name, `fills ${pointer}, which has a name that no field may have`)
    const inside = targets.find((other) => other.startsWith(`${pointer}/`))
    if (inside !== undefined) throw illegalPointer(name, `fills both ${JSON.stringify(pointer)} and ${inside} inside it`)
  }
}

function illegalPointer(name: string, what: string): MappingError {
  return new MappingError('MAPPING_POINTER_ILLEGAL', `${name} ${what}. Write it as /field or /field/inner.`)
}

function rebuilt(source: unknown, parts: Readonly<Record<string, string>>): unknown {
  const whole: { '': unknown } = { '': {} }
  for (const [pointer, from] of Object.entries(parts)) {
    const value = valueAt(source, from)
    if (value !== undefined) place(whole, ['', ...(parsePointer(pointer) ?? [])], value)
  }
  return whole['']
}

function place(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root
  for (const token of path.slice(0, -1)) {
    if (!Object.hasOwn(at, token)) at[token] = {}
    at = at[token] as Record<string, unknown>
  }
  at[path.at(-1) as string] = value
}
