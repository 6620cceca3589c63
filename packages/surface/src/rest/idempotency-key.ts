import type { Issue } from '@waymark/contract'

/** What is wrong with the value of an Idempotency-Key header; undefined when nothing is, or there is none. */
export function idempotencyKeyIssue(key: string | null | undefined): Issue | undefined {
  if (key === null || key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return undefined
  const expected = '1 to 255 visible ASCII characters'
  return { pointer: '', message: `The header Idempotency-Key needs ${expected}`, expected, received: `${key.length} characters` }
}
