// One buffer for all writers: making one for each costs more than filling it.
let scratch = new Uint8Array(4_096)

/** Appends numbers and texts to a growing buffer. One writer at a time: a new one starts where the last one did. */
export class ByteWriter {
  #length = 0

  byte(value: number): void {
    this.#reserve(1)
    scratch[this.#length++] = value
  }

  /** Unsigned LEB128, up to 2^53 − 1. */
  number(value: number): void {
    this.#reserve(8)
    let rest = value
    // Bit operations work on 32 bits only; above that, division.
    while (rest > 0x7fffffff) {
      scratch[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      scratch[this.#length++] = (rest & 127) | 0x80
      rest >>>= 7
    }
    scratch[this.#length++] = rest
  }

  u32(value: number): void {
    this.#reserve(4)
    for (let shift = 24; shift >= 0; shift -= 8) scratch[this.#length++] = (value >>> shift) & 255
  }

  /** UTF-8 with its length in bytes before it. */
  text(value: string): void {
    const start = this.#length
    this.#reserve(value.length + 4)
    scratch[this.#length++] = value.length
    if (value.length < 128) {
      let i = 0
      for (; i < value.length; i++) {
        const unit = value.charCodeAt(i)
        if (unit > 127) break
        scratch[this.#length++] = unit
      }
      if (i === value.length) return
    }
    this.#length = start
    const encoded = toUtf8(value)
    this.number(encoded.length)
    this.#reserve(encoded.length)
    for (const unit of encoded) scratch[this.#length++] = unit
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    scratch.set(value, this.#length)
    this.#length += value.length
  }

  /** What was written, in a buffer of its own. */
  done(): Uint8Array {
    return scratch.slice(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= scratch.length) return
    const larger = new Uint8Array(Math.max(scratch.length * 2, this.#length + count))
    larger.set(scratch)
    scratch = larger
  }
}

/** Reads what a ByteWriter wrote. Reading past the end throws a RangeError. */
export class ByteReader {
  readonly #buffer: Uint8Array
  #at = 0

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer
  }

  more(): boolean {
    return this.#at < this.#buffer.length
  }

  byte(): number {
    const value = this.#buffer[this.#at++]
    if (value === undefined) throw tooShort()
    return value
  }

  number(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }

  u32(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0
  }

  text(): string {
    const length = this.number()
    const end = this.#at + length
    if (!(end <= this.#buffer.length)) throw tooShort()
    const start = this.#at
    this.#at = end
    // All characters at once: one by one makes a rope, three times slower for an id of 36.
    const units = new Array<number>(length)
    for (let i = 0; i < length; i++) {
      const byte = this.#buffer[start + i] as number
      if (byte > 127) return fromUtf8(this.#buffer.subarray(start, end))
      units[i] = byte
    }
    return String.fromCharCode.apply(null, units)
  }

  /** A view of the next bytes. */
  slice(length: number): Uint8Array {
    if (!(this.#at + length <= this.#buffer.length)) throw tooShort()
    this.#at += length
    return this.#buffer.subarray(this.#at - length, this.#at)
  }
}

function tooShort(): RangeError {
  return new RangeError('The packed state ends too early.')
}

function toUtf8(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}

function fromUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++] as number
    const extra = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
    let code = extra === 0 ? first : first & (0x3f >> extra)
    for (let k = 0; k < extra; k++) code = (code << 6) | ((bytes[i++] as number) & 63)
    text += String.fromCodePoint(code)
  }
  return text
}
