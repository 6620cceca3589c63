import { toNext } from '@waymark/surface/mount'
import { waymark } from '../../../waymark.ts'

// Opened by the first request: Next loads this file while it builds, too.
const lazy = { fetch: async (request: Request, info?: { readonly basePath?: string }) => (await waymark()).fetch(request, info) }

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = toNext(lazy, { basePath: '/waymark' })
