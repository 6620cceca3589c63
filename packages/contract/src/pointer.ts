/**
 * JSON Pointers.
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */

/** The reference tokens of a pointer; undefined when the text is not a pointer. `''` is the whole document. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The pointer of a path of keys and indexes. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The value at a pointer, walking own properties only; undefined when there is none, or the pointer is malformed. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const token of parsePointer(pointer) ?? [undefined]) {
    if (token === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}
