/**
 * JSON text with sorted keys: equal for equal data, however it was written.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  // The platform writes a sorted copy in half the time that it takes to put the text together here.
  const sorted = sortKeys(value)
  return sorted === UNSORTABLE ? spell(value) : (JSON.stringify(sorted) ?? 'null')
}

const UNSORTABLE = Symbol('unsortable')
/** An object lists whole numbers first, whatever the order of writing, and `__proto__` is no field of it. */
const SPECIAL_KEY = /^(?:\d|__proto__$)/

/** A copy with its keys sorted at every level; `UNSORTABLE` when no object can hold them in that order. */
function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return sortKeys(value.toJSON())
  if (Array.isArray(value)) {
    const items = value.map(sortKeys)
    return items.includes(UNSORTABLE) ? UNSORTABLE : items
  }
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    const field = sortKeys((value as Record<string, unknown>)[key])
    if (field === UNSORTABLE || SPECIAL_KEY.test(key)) return UNSORTABLE
    copy[key] = field
  }
  return copy
}

function spell(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if ('toJSON' in value && typeof value.toJSON === 'function') return spell(value.toJSON())
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key]
    if (field !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${spell(field)}`
  }
  return text === '' ? '{}' : `${text}}`
}
