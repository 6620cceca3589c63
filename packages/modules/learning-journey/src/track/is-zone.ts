/** True when a text is the name of a time zone in the IANA database, e.g. `Europe/Rome`. */
export function isZone(text: string): boolean {
  // An offset such as +05:30 is a zone to Intl, but it has no calendar of its own.
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
