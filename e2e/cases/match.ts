/** The differences between what was expected and what came: objects may have more fields, arrays have to be as long. */
export function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path || '/'}: expected a list, got ${show(actual)}`]
    const length =
      expected.length === actual.length
        ? []
        : [`${path || '/'}: expected ${expected.length} items, got ${actual.length}: ${show(actual)}`]
    return [
      ...length,
      ...expected.flatMap((item, index) => (index < actual.length ? differences(item, actual[index], `${path}/${index}`) : [])),
    ]
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path || '/'}: expected ${show(expected)}, got ${show(actual)}`]
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, (actual as Record<string, unknown>)[key], `${path}/${key}`),
    )
  }
  return Object.is(expected, actual) ? [] : [`${path || '/'}: expected ${show(expected)}, got ${show(actual)}`]
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
