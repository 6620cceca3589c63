import { describe, expect, it } from 'vitest'
import { isZone } from './is-zone.ts'

describe('the name of a zone', () => {
  it.each([
    'UTC',
    'Europe/Berlin',
    'Asia/Calcutta',
    'Asia/Kolkata',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+5',
    'europe/berlin',
  ])('is %s', (text) => expect(isZone(text)).toBe(true))

  it.each(['', 'Z', '+02:00', 'Europe', 'Europe/Atlantis', 'local', 'u-ca=iso8601', '2024-01-01T00:00Z[Europe/Berlin]', ' UTC'])(
    'is not %j',
    (text) => expect(isZone(text)).toBe(false),
  )
})
