import { randomUUID } from 'node:crypto'

/**
 * Makes UUIDv7 generators (RFC 9562). Ids of one generator ascend strictly: within a millisecond the 12 bits after the time count up,
 * and when they run out, or the clock goes back, the time part runs ahead of the clock.
 */
export function createUuidV7(now: () => number): () => string {
  let last = 0
  let counter = 0
  let head = ''

  function moveTo(time: number, count: number): void {
    last = time
    counter = count
    const digits = time.toString(16).padStart(12, '0')
    head = `${digits.slice(0, 8)}-${digits.slice(8)}-`
  }

  return () => {
    // Behind its version, one of version 4 has what one of version 7 has there: the variant and 62 random bits. Made by the platform in
    // one piece, it takes a quarter of the time of putting random bytes together here.
    const random = randomUUID()
    const time = now()
    if (time > last) moveTo(time, Number.parseInt(random.slice(0, 3), 16) & 0x7ff)
    else if (++counter > 0xfff) moveTo(last + 1, 0)
    return head + (0x7000 | counter).toString(16) + random.slice(18)
  }
}
