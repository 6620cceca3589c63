import type { Issue } from '@waymark/contract'

type Part = string | number

/** The place after a row, as an opaque text. */
export function toCursor(parts: readonly Part[]): string {
  return encodeURIComponent(JSON.stringify(parts))
}

/** Reads a cursor of parts of these types; null when it is not one. */
export function parseCursor(cursor: string, types: readonly ('string' | 'number')[]): readonly Part[] | null {
  try {
    const parts: unknown = JSON.parse(decodeURIComponent(cursor))
    if (!Array.isArray(parts) || parts.length !== types.length) return null
    return parts.every((part, index) => isPart(part, types[index])) ? (parts as Part[]) : null
  } catch {
    return null
  }
}

/** A text that a database can hold, or a number that it can compare. */
function isPart(part: unknown, type: 'string' | 'number' | undefined): boolean {
  if (typeof part !== type) return false
  return typeof part === 'number' ? Number.isSafeInteger(part) : typeof part === 'string' && !part.includes('\0')
}

/** What is wrong with a cursor that cannot be read. */
export const BAD_CURSOR: Issue = {
  pointer: '/cursor',
  message: 'Expected the nextCursor of a page',
  expected: 'nextCursor',
  received: 'string',
}
