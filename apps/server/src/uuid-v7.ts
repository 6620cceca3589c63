import { randomFillSync } from 'node:crypto'

/**
 * Makes UUIDv7 generators (RFC 9562). Ids of one generator ascend strictly: within a millisecond the 12 bits after the time count up,
 * and when they run out, or the clock goes back, the time part runs ahead of the clock.
 */
export function createUuidV7(now: () => number): () => string {
  const pool = Buffer.alloc(4_096)
  let used = pool.length
  let last = 0
  let counter = 0

  function random(bytes: number): Buffer {
    if (used + bytes > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += bytes
    return pool.subarray(used - bytes, used)
  }

  return () => {
    const time = now()
    if (time > last) {
      last = time
      counter = random(2).readUInt16BE() & 0x7ff
    } else if (++counter > 0xfff) {
      last += 1
      counter = 0
    }
    const stamp = last.toString(16).padStart(12, '0')
    const tail = random(8)
    const variant = ((tail.readUInt16BE() & 0x3fff) | 0x8000).toString(16)
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}-${tail.toString('hex', 2)}`
  }
}
