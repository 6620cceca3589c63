/**
 * One-dimensional arrays in PostgreSQL's binary format, for statements that take whole columns. As text an array has to be quoted here
 * and parsed there, which was the largest part of the time of a batch.
 *
 * array = i32 dimensions, i32 has nulls, u32 element type, i32 length, i32 lower bound, { i32 bytes or −1, element }*
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const HEADER = 20
const TEXT = 25
const BYTEA = 17
const INT4 = 23
const INT8 = 20
const BOOL = 16

/** Grows and is used again: an array is written here and copied out in its final size. */
let scratch = Buffer.allocUnsafe(65_536)

/** `text[]`. */
export function textArray<T>(rows: readonly T[], value: (row: T) => string | null): Buffer {
  let end = begin(TEXT, rows.length)
  let hasNull = false
  for (const row of rows) {
    const text = value(row)
    if (text === null) {
      hasNull = true
      end = writeNull(end)
      continue
    }
    // A UTF-16 unit is at most three bytes of UTF-8.
    reserve(end, 4 + text.length * 3)
    const bytes = scratch.write(text, end + 4)
    scratch.writeInt32BE(bytes, end)
    end += 4 + bytes
  }
  return finish(end, hasNull)
}

/** `int4[]`. */
export function int4Array<T>(rows: readonly T[], value: (row: T) => number | null): Buffer {
  let end = begin(INT4, rows.length)
  let hasNull = false
  reserve(end, rows.length * 8)
  for (const row of rows) {
    const number = value(row)
    if (number === null) {
      hasNull = true
      end = writeNull(end)
      continue
    }
    scratch.writeInt32BE(4, end)
    scratch.writeInt32BE(number, end + 4)
    end += 8
  }
  return finish(end, hasNull)
}

/** `bool[]`. */
export function boolArray<T>(rows: readonly T[], value: (row: T) => boolean): Buffer {
  let end = begin(BOOL, rows.length)
  reserve(end, rows.length * 5)
  for (const row of rows) {
    scratch.writeInt32BE(1, end)
    scratch.writeUInt8(value(row) ? 1 : 0, end + 4)
    end += 5
  }
  return finish(end, false)
}

/** `int8[]` of whole numbers that a double holds exactly. */
export function int8Array<T>(rows: readonly T[], value: (row: T) => number | null): Buffer {
  let end = begin(INT8, rows.length)
  let hasNull = false
  reserve(end, rows.length * 12)
  for (const row of rows) {
    const number = value(row)
    if (number === null) {
      hasNull = true
      end = writeNull(end)
      continue
    }
    const high = Math.floor(number / 0x1_0000_0000)
    scratch.writeInt32BE(8, end)
    scratch.writeInt32BE(high, end + 4)
    scratch.writeUInt32BE(number - high * 0x1_0000_0000, end + 8)
    end += 12
  }
  return finish(end, hasNull)
}

/** `bytea[]`. */
export function byteaArray<T>(rows: readonly T[], value: (row: T) => Uint8Array): Buffer {
  let end = begin(BYTEA, rows.length)
  for (const row of rows) {
    const bytes = value(row)
    reserve(end, 4 + bytes.length)
    scratch.writeInt32BE(bytes.length, end)
    scratch.set(bytes, end + 4)
    end += 4 + bytes.length
  }
  return finish(end, false)
}

function begin(elementType: number, length: number): number {
  // An empty array has no dimensions.
  scratch.writeInt32BE(length === 0 ? 0 : 1, 0)
  scratch.writeUInt32BE(elementType, 8)
  scratch.writeInt32BE(length, 12)
  scratch.writeInt32BE(1, 16)
  return length === 0 ? 12 : HEADER
}

function writeNull(end: number): number {
  reserve(end, 4)
  scratch.writeInt32BE(-1, end)
  return end + 4
}

function reserve(end: number, bytes: number): void {
  if (end + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, end + bytes))
  scratch.copy(larger, 0, 0, end)
  scratch = larger
}

function finish(end: number, hasNull: boolean): Buffer {
  scratch.writeInt32BE(hasNull ? 1 : 0, 4)
  return Buffer.from(scratch.subarray(0, end))
}
