/** The anchor of a heading, as the usual Markdown hosts make it; `taken` are those above it, and gets the new one. */
export function headingSlug(heading: string, taken: Set<string>): string {
  const words = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  const slug = words.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-')
  let anchor = slug
  for (let count = 1; taken.has(anchor); count += 1) anchor = `${slug}-${count}`
  taken.add(anchor)
  return anchor
}
