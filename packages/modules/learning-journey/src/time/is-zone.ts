/** True for the name of an IANA zone or "UTC", in any case; false for offsets such as "+02:00". */
export function isZone(text: string): boolean {
  if (!/^[a-z][\w+-]*(\/[\w+-]+)*$/i.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
