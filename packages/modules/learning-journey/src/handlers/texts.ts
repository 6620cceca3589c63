import type { LinkModel, Text } from '../engine/index.ts'

/** The text for a locale: the exact one, its language, English, else the first. */
export function textFor(text: Text | undefined, locale: string | undefined): string | undefined {
  if (text === undefined || typeof text === 'string') return text
  const wanted = [locale, locale?.split('-')[0], 'en'].find((name) => name !== undefined && Object.hasOwn(text, name))
  return wanted === undefined ? Object.values(text)[0] : text[wanted]
}

/** A link with its title in a locale. */
export function linkFor(link: LinkModel | undefined, locale: string | undefined): { title: string | null; href: string } | null {
  return link === undefined ? null : { title: textFor(link.title, locale) ?? null, href: link.href }
}
