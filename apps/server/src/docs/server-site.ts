import type { DocsSite } from '@waymark/surface/docs'
import { loadOwnDocs } from './own-docs.ts'
import { referenceSite } from './reference-site.ts'
import { toArticles } from './to-articles.ts'

/** The site that a server shows: the documentation of Waymark, and the reference of what it serves. */
export async function serverSite(shown: Omit<Parameters<typeof referenceSite>[0], 'own' | 'articles'>): Promise<DocsSite> {
  const own = await loadOwnDocs()
  return referenceSite({ ...shown, own, articles: toArticles(own.pages).articles })
}
