/** The reference of contracts: pages for people and for language models, made from a registry. */
export type { ContractPage, ContractSource, EventConsumer, ListeningTrack, PageContext } from './contract-page.ts'
export { toContractPages } from './contract-page.ts'
export { type DocsOptions, type DocsSite, toDocsSite } from './docs-site.ts'
export { LABELS, type Labels } from './labels.ts'
export { toMarkdown } from './to-markdown.ts'
