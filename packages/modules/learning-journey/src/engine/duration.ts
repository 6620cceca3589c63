const PATTERN = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

/**
 * An ISO 8601 duration of weeks, days, hours, minutes and seconds as elapsed milliseconds (a day is 24 hours); undefined when
 * the text is not one. Years and months have no fixed length and are not durations here.
 */
export function parseDuration(text: string): number | undefined {
  const parts = PATTERN.exec(text)
  if (parts === null || text.endsWith('T') || text === 'P') return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
}
