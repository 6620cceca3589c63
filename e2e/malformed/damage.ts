/** Ways to make something wrong of something right. All of it comes from one source of chance, so a case can be made again. */
import { below, createRandom, type Random } from '../faults/random.ts'

/** The chance of one case: the same for the same seed and number. */
export function randomOf(seed: number, number: number): Random {
  return createRandom(Math.imul(seed, 0x9e3779b1) + number * 0x85ebca6b)
}

/** One of a list that is not empty. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T
}

/** Texts that mean something to somebody: JSON, JavaScript, SQLite, PostgreSQL, HTTP, a shell, a path. */
export const ODD_TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  '[object Object]',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'e\u0301\u202e\ufeff',
  '\u2028',
  '\uffff',
  "' or 1=1 --",
  '%00',
  '%',
  '$1',
  '../../etc/passwd',
  '..\\',
  '{{7*7}}',
  '<script>',
  '\n\r\t',
  '"',
  '\\',
  'a'.repeat(256),
  'a'.repeat(257),
  'ä'.repeat(129),
  '/a~2b',
  '/~',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '2026-06-01T12:00:00.123456789+23:59',
  '1970-01-01',
  'P9999999999Y',
  'PT0S',
  '-P1D',
  '1.0.0',
  '999999999.9.9',
  'v1',
  'NaN',
  '1e309',
] as const satisfies readonly string[]

const ODD_NUMBERS = ['0', '-0', '-1', '1.5', '1e308', '5e-324', '9007199254740993', '2147483648', '-1e21', '1e9'] as const

/** Values as JSON has them, and as it must not have them. */
const ODD_JSON = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e308',
  '1e309',
  '-1e999',
  '5e-324',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  `0.${'3'.repeat(400)}`,
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '""',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"a":1,"a":2}',
  '{"":0}',
  '{"\\ud800":1}',
  '{"toString":null,"valueOf":1}',
  // What follows is no JSON.
  'NaN',
  'Infinity',
  'undefined',
  '01',
  '+1',
  '.5',
  '1.',
  "'a'",
  '"a',
  '"\t"',
  '"\\x41"',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '// a\n1',
  '1 2',
  '',
] as const

/** JSON text of a value in which about so many places are wrong: of another type, absent, twice, too deep, too large, or no JSON at all. */
export function damagedJson(random: Random, value: unknown, damages = 1 + below(random, 3)): string {
  const rate = damages / countNodes(value)
  return write(random, value, rate)
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, child) => sum + countNodes(child), 1)
}

function write(random: Random, value: unknown, rate: number): string {
  if (random() < rate) return oddJson(random, value)
  if (Array.isArray(value)) return `[${value.map((item) => write(random, item, rate)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members: string[] = []
  for (const [name, child] of Object.entries(value)) {
    const kind = random() < rate / 2 ? below(random, 5) : -1
    // 0: the field is not there.
    if (kind === 0) continue
    const key = JSON.stringify(kind === 1 ? oneOf(random, ODD_TEXTS) : kind === 2 ? name.toUpperCase() : name)
    members.push(`${key}:${write(random, child, rate)}`)
    if (kind === 3) members.push(`${key}:${write(random, child, 0)}`)
    if (kind === 4) members.push(`${JSON.stringify(oneOf(random, ODD_TEXTS))}:${oddJson(random, child)}`)
  }
  return `{${members.join(',')}}`
}

/** Half of the time of the same type, which comes further. */
function oddJson(random: Random, value: unknown): string {
  if (typeof value === 'string' && random() < 0.5) return JSON.stringify(oneOf(random, ODD_TEXTS))
  if (typeof value === 'number' && random() < 0.5) return oneOf(random, ODD_NUMBERS)
  switch (below(random, 8)) {
    case 0:
    case 1:
      return JSON.stringify(oneOf(random, ODD_TEXTS))
    case 2:
      return deep(random)
    case 3:
      return `[${Array.from({ length: below(random, 4) }, () => JSON.stringify(value) ?? 'null').join(',')}]`
    case 4:
      return random() < 0.05 ? JSON.stringify('x'.repeat(10 ** (2 + below(random, 4)))) : '"x"'
    case 5:
      return random() < 0.05
        ? `[${'0,'.repeat(10 ** (1 + below(random, 4)))}0]`
        : `{"learnerId":${JSON.stringify(value) ?? 'null'}}`
    default:
      return oneOf(random, ODD_JSON)
  }
}

function deep(random: Random): string {
  const levels = oneOf(random, [2, 31, 32, 33, 100, 5_000])
  return random() < 0.5 ? '['.repeat(levels) + ']'.repeat(levels) : `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
}

/** Bytes of which some are missing, doubled, turned or new. */
export function damagedBytes(random: Random, bytes: Buffer): Buffer {
  let damaged = bytes
  for (let left = 1 + below(random, 3); left > 0; left--) damaged = damageOnce(random, damaged)
  return damaged
}

function damageOnce(random: Random, bytes: Buffer): Buffer {
  const at = below(random, bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + below(random, 1 + below(random, 40)))
  const [before, within, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (below(random, 6)) {
    case 0:
      return before
    case 1:
      return Buffer.concat([before, after])
    case 2:
      return Buffer.concat([before, within, within, after])
    case 3:
      return Buffer.concat([before, within.map((byte) => byte ^ (1 << below(random, 8))), after])
    case 4:
      return Buffer.concat([before, oneOf(random, ODD_BYTES), within, after])
    default:
      return Buffer.concat([before, Buffer.from(oneOf(random, ODD_TEXTS)), within, after])
  }
}

/** No UTF-8: a lone continuation, an overlong slash, a surrogate, beyond Unicode, cut off; and marks at the beginning of a text. */
const ODD_BYTES = [
  [0x80],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0],
].map((bytes) => Buffer.from(bytes))

/** Text of which some is missing, doubled or new. */
export function damagedText(random: Random, text: string): string {
  const at = below(random, text.length + 1)
  const to = at + below(random, 12)
  switch (below(random, 4)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text.slice(to)
    case 2:
      return text.slice(0, to) + text.slice(at)
    default:
      return text.slice(0, at) + oneOf(random, ODD_TEXTS) + text.slice(at)
  }
}
