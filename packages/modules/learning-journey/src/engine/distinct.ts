const LONGEST_KEY = 64

/** A short text that is equal for deeply equal JSON values and, long values apart, only for those. */
export function distinctKey(value: unknown): string {
  const text = typeof value === 'string' ? `s${value}` : `j${sortedJson(value)}`
  return text.length <= LONGEST_KEY ? text : `h${hash(text, 0x811c9dc5)}${hash(text, 0x9747b28c)}${text.length.toString(36)}`
}

/** JSON text with sorted keys. */
export function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined)
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson((value as Record<string, unknown>)[key])}`)
    .join()}}`
}

/** FNV-1a over UTF-16 units, 32 bits, in base 36. */
function hash(text: string, seed: number): string {
  return hash32(text, seed).toString(36)
}

/** FNV-1a over UTF-16 units, 32 bits. */
export function hash32(text: string, seed: number): number {
  let value = seed
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
