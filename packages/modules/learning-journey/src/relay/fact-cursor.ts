const TAG_LENGTH = 12

/** A position as callers see it: opaque, and worth nothing to another tenant. */
export function toFactCursor(tenant: string, position: number, hash: (text: string) => string): string {
  const tag = hash(`fact cursor\0${tenant}\0${position}`).slice(0, TAG_LENGTH)
  return `${position.toString(36)}.${tag}`
}

/** The position of a cursor; undefined when the tenant never got this one. */
export function parseFactCursor(tenant: string, cursor: string, hash: (text: string) => string): number | undefined {
  const digits = /^([0-9a-z]{1,11})\./.exec(cursor)?.[1]
  const position = digits === undefined ? Number.NaN : Number.parseInt(digits, 36)
  return Number.isSafeInteger(position) && toFactCursor(tenant, position, hash) === cursor ? position : undefined
}
