/**
 * JSON for strangers. Beyond what `JSON.parse` refuses, a document is flawed when it has keys that change prototypes, a key twice
 * in one object, a number beyond a double, or more nesting than we walk. A flaw carries its pointer, so that a batch can set one
 * item aside and keep the others.
 */
import { type Issue, toPointer } from '@waymark/contract'

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown; readonly flaws: readonly Flaw[] }
  | { readonly ok: false; readonly issue: Issue }

export interface Flaw extends Issue {
  readonly path: readonly PropertyKey[]
}

const MAX_DEPTH = 32
/** Ten bytes each in the largest body. A validator says what is wrong with every one of them before we can keep the first hundred. */
const MOST_VALUES = 100_000
/** Of each sort. More of them than a batch has items is no slip of a sender, and costs more to tell than to refuse. */
const MOST_FLAWS = 1_000
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Parses JSON text, or the UTF-8 bytes of one. */
export function parseJson(source: string | Uint8Array): ParsedJson {
  let text: string
  try {
    text = typeof source === 'string' ? source : UTF8.decode(source)
  } catch {
    return { ok: false, issue: malformed('The body is not UTF-8 text', 'other bytes') }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, issue: malformed(`Not JSON${positionIn(error)}`, text.trim() === '' ? 'nothing' : 'malformed text') }
  }
  const inspection: Inspection = { members: 0, values: 0, flaws: [], path: [] }
  inspect(value, inspection)
  if (inspection.values > MOST_VALUES) return { ok: false, issue: tooMany() }
  const twins = inspection.members === countMembers(text) ? [] : duplicateKeys(text)
  for (const flaws of [inspection.flaws, twins]) {
    const [first] = flaws
    if (first !== undefined && flaws.length > MOST_FLAWS) return { ok: false, issue: tooFlawed(first) }
  }
  return { ok: true, value, flaws: [...inspection.flaws, ...twins] }
}

/** True for a name that an object from outside must not carry. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key)
}

function malformed(message: string, received: string): Issue {
  return { pointer: '', message, expected: 'JSON', received }
}

function tooMany(): Issue {
  const expected = `at most ${MOST_VALUES} values`
  return { pointer: '', message: `The body has more than ${MOST_VALUES} values. Send less at once`, expected, received: 'more' }
}

function tooFlawed({ pointer, message, expected, received }: Flaw): Issue {
  return { pointer: '', message: `More than ${MOST_FLAWS} flaws, the first at ${pointer}: ${message}`, expected, received }
}

/** The platform's message can quote the body, so only the position is taken from it. */
function positionIn(error: unknown): string {
  const found = error instanceof Error ? /in JSON (at position \d+(?: \(line \d+ column \d+\))?)$/.exec(error.message) : null
  return found === null ? '' : `: malformed ${found[1]}`
}

interface Inspection {
  members: number
  values: number
  readonly flaws: Flaw[]
  readonly path: PropertyKey[]
}

function inspect(value: unknown, at: Inspection): void {
  at.values += 1
  if (at.values > MOST_VALUES) return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) add(at, at.path, 'The number is too large', 'a number within a double', 'number')
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (at.path.length >= MAX_DEPTH) {
    add(at, at.path, `Nested more than ${MAX_DEPTH} levels deep`, `at most ${MAX_DEPTH} levels`, 'more')
    at.members += membersBelow(value)
    return
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) step(index, value[index], at)
    return
  }
  for (const key of Object.keys(value)) {
    at.members += 1
    if (isForbiddenKey(key)) add(at, [...at.path, key], 'A field must not have this name', 'another name', 'object key')
    step(key, (value as Record<string, unknown>)[key], at)
  }
}

function add(at: Inspection, ...[path, message, expected, received]: Parameters<typeof flaw>): void {
  if (at.flaws.length <= MOST_FLAWS) at.flaws.push(flaw(path, message, expected, received))
}

function step(key: PropertyKey, value: unknown, at: Inspection): void {
  at.path.push(key)
  inspect(value, at)
  at.path.pop()
}

/** Without recursion: this deep, the stack would be the sender's to overflow. */
function membersBelow(root: object): number {
  const open: object[] = [root]
  let members = 0
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const children = Object.values(value)
    if (!Array.isArray(value)) members += children.length
    for (const child of children) if (typeof child === 'object' && child !== null) open.push(child)
  }
  return members
}

/** Colons outside strings. The text is known to be JSON; a value has fewer members than its text when a key came twice. */
function countMembers(text: string): number {
  let members = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x22) index = endOfString(text, index)
    else if (code === 0x3a) members += 1
  }
  return members
}

function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1
    if (backslashes % 2 === 0) return quote
  }
}

interface Container {
  /** Null in an array. */
  readonly keys: Set<string> | null
  at: PropertyKey
}

/** The second occurrence of every key. Walks the text once more, which only a flawed document pays for. */
function duplicateKeys(text: string): Flaw[] {
  const flaws: Flaw[] = []
  const open: Container[] = []
  let expectsKey = false
  for (let index = 0; index < text.length && flaws.length <= MOST_FLAWS; index++) {
    const inner = open.at(-1)
    switch (text[index]) {
      case '{':
        open.push({ keys: new Set(), at: '' })
        expectsKey = true
        break
      case '[':
        open.push({ keys: null, at: 0 })
        expectsKey = false
        break
      case '}':
      case ']':
        open.pop()
        expectsKey = false
        break
      case ',':
        expectsKey = inner?.keys != null
        if (inner !== undefined && !expectsKey) inner.at = (inner.at as number) + 1
        break
      case '"': {
        const end = endOfString(text, index)
        if (expectsKey && inner?.keys != null) {
          inner.at = JSON.parse(text.slice(index, end + 1)) as string
          if (inner.keys.has(inner.at)) {
            const path = open.map(({ at }) => at)
            flaws.push(flaw(path, 'The field comes twice', 'each field once', 'two fields of one name'))
          }
          inner.keys.add(inner.at)
          expectsKey = false
        }
        index = end
      }
    }
  }
  return flaws
}

function flaw(path: readonly PropertyKey[], message: string, expected: string, received: string): Flaw {
  return { path: [...path], pointer: toPointer(path), message, expected, received }
}
