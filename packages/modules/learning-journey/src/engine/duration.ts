/** ISO 8601 durations of weeks, days, hours, minutes and seconds, of at most some centuries: any moment and one of them make a moment. */
export const DURATION = /^P(?!$)(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,10})S)?)?$/

/**
 * A duration as elapsed milliseconds (a day is 24 hours); undefined when the text is not one. Years and months have no fixed length
 * and are not durations here.
 */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)
  if (parts === null) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
}
