import { z } from 'zod'

const LONGEST_ID_BYTES = 256

/** An id of the customer's own: 1 to 256 bytes of UTF-8, without NUL and without lone surrogates, which no database stores alike. */
export const Id = z
  .string()
  .min(1)
  .max(LONGEST_ID_BYTES, { abort: true })
  .refine(isStorable, 'Expected text without NUL and lone surrogates')
  .refine((text) => utf8Length(text) <= LONGEST_ID_BYTES, `Expected at most ${LONGEST_ID_BYTES} bytes of UTF-8`)

/** Major or full version of an event contract, as a producer names it. */
export const EventVersion = z.string().max(32).refine(isStorable, 'Expected text without NUL and lone surrogates')

/** A moment as ISO 8601 with an offset, e.g. `2026-03-01T09:30:00Z`; 1970 or later, because states pack times as natural numbers. */
export const Moment = z.iso
  .datetime({ offset: true })
  .refine((text) => !(Date.parse(text) < 0), 'Expected a moment from 1970-01-01T00:00:00Z on')

/** True when every database stores the text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** True when a text can be the id of something. */
export function isId(text: string): boolean {
  return text !== '' && utf8Length(text) <= LONGEST_ID_BYTES && isStorable(text)
}

/** Length in bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
