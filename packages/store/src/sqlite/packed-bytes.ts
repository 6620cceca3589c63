/**
 * Several byte strings in one buffer. A view crosses a thread with the whole buffer beneath it, so sending many small views would
 * copy a buffer each, or a shared pool many times over.
 */
export interface PackedBytes {
  readonly bytes: Uint8Array
  /** Length of each, -1 for null. */
  readonly lengths: Int32Array
}

export function packBytes(parts: readonly (Uint8Array | null)[]): PackedBytes {
  const lengths = Int32Array.from(parts, (part) => part?.length ?? -1)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let offset = 0
  for (const part of parts) {
    if (part === null) continue
    bytes.set(part, offset)
    offset += part.length
  }
  return { bytes, lengths }
}

/** The parts, as views of the one buffer. */
export function unpackBytes({ bytes, lengths }: PackedBytes): (Uint8Array | null)[] {
  let offset = 0
  return Array.from(lengths, (length) => {
    if (length < 0) return null
    offset += length
    return bytes.subarray(offset - length, offset)
  })
}
