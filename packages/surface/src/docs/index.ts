/** The reference of contracts: pages for people and for language models, made from a registry. */
export { ARTICLE_KINDS, type Article, type ArticleKind } from './article.ts'
export type { ContractPage, ContractSource, EventConsumer, ListeningTrack, PageContext } from './contract-page.ts'
export { toContractPages } from './contract-page.ts'
export { type DocsOptions, type DocsSite, toDocsSite } from './docs-site.ts'
export { escapeHtml } from './html-text.ts'
export { LABELS, type Labels } from './labels.ts'
export { codeHtml, tableHtml } from './to-html.ts'
export { toMarkdown } from './to-markdown.ts'
