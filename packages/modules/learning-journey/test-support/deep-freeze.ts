/** Freezes a value and everything in it. A view of bytes cannot be frozen, and stays. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (value instanceof Map) for (const [key, item] of value) deepFreeze([key, item])
  for (const item of Object.values(value)) deepFreeze(item)
  return value
}
