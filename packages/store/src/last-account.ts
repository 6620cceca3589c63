/**
 * Subjects are walked by name, accounts by theirs: the account after which those come whose subject is after this one. Where every
 * account comes before it, that is a text after all ids.
 */
export function lastAccountUpTo(subject: string): string {
  if (subject.startsWith('a:')) return subject.slice(2)
  return subject < 'a:' ? '' : '\u{10ffff}'.repeat(100)
}
