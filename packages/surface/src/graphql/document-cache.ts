import type { DocumentNode } from 'graphql'

/** Documents that were found in order, by their text. What was used least recently goes first. */
export interface DocumentCache {
  get(text: string): DocumentNode | undefined
  set(text: string, document: DocumentNode): void
}

/**
 * Clients send the same few documents again and again, and to validate one takes longer than all the rest of a call.
 * @param characters that all texts may have together: what strangers send must not fill the memory.
 */
export function createDocumentCache(characters = 500_000): DocumentCache {
  const documents = new Map<string, DocumentNode>()
  let held = 0
  return {
    get(text) {
      const document = documents.get(text)
      if (document === undefined) return undefined
      documents.delete(text)
      documents.set(text, document)
      return document
    },
    set(text, document) {
      if (documents.has(text) || text.length > characters) return
      documents.set(text, document)
      held += text.length
      for (const [oldest] of documents) {
        if (held <= characters) break
        documents.delete(oldest)
        held -= oldest.length
      }
    },
  }
}
