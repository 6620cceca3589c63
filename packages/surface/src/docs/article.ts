/** The four kinds of documentation, in the order in which a reader meets them. */
export const ARTICLE_KINDS = ['tutorial', 'guides', 'reference', 'explanation'] as const

export type ArticleKind = (typeof ARTICLE_KINDS)[number]

/** A page that somebody wrote, ready to be shown beside those of contracts. Its text stays in the language in which it is written. */
export interface Article {
  readonly kind: ArticleKind
  /** Path of its files below the site, without their ending, and unique. */
  readonly slug: string
  readonly title: string
  /** Its first sentences, as text. */
  readonly summary: string
  /** Texts of the headings below its title, by which the search finds it too. */
  readonly headings: readonly string[]
  /** Everything from the title on. Links lead to files of the site, and the anchors are its own. */
  readonly html: string
  /** The same for language models, with links to the Markdown of others. */
  readonly markdown: string
}
