import type { SubjectKey } from '@waymark/learning-journey/ports'

/** Orders text by its UTF-8 bytes, as a database with binary collation does; `<` would order by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return toByteOrder(left) - toByteOrder(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above U+FFFF, so they sort after every other unit. */
function toByteOrder(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

export function byKey(a: SubjectKey, b: SubjectKey): number {
  return compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject)
}
