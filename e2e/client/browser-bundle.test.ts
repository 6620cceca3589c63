import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'

const LARGEST_BYTES = 6 * 1_024
const CLIENT = join(import.meta.dirname, '../../docs/reference/generated/client.ts')

const PAGE = `
import { createClient } from '@waymark/surface/client'
import { learningOnboardingGetProgress, learningOnboardingListTracks, learningOnboardingRecordEvent, learningOnboardingWatchFacts } from '${CLIENT}'
globalThis.client = createClient({ url: 'https://waymark.example.com', credential: 'token' }, [
  learningOnboardingGetProgress, learningOnboardingListTracks, learningOnboardingRecordEvent, learningOnboardingWatchFacts,
])
`

test('a page that calls with emitted types has the client alone in its bundle: 6 KB at most, and nothing of Node', async () => {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@waymark/source', 'browser', 'module', 'import', 'default'] },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? '\0page' : undefined),
        load: (id) => (id === '\0page' ? PAGE : undefined),
      },
    ],
    build: { write: false, target: 'es2022', rollupOptions: { input: 'page', output: { format: 'iife' } } },
  })
  const bundle = [output].flat().flatMap((result) => ('output' in result ? result.output : []))
  const [chunk] = bundle
  if (chunk?.type !== 'chunk') throw new Error('The bundle has no code.')
  expect(bundle).toHaveLength(1)
  expect(chunk.imports).toEqual([])
  expect(chunk.code).not.toMatch(/require\(|node:|zod/)
  expect(chunk.code).toContain('learning.onboarding.recordEvent')
  // What is not passed to the client is not there.
  expect(chunk.code).not.toContain('learning.onboarding.publishTrack')
  const bytes = gzipSync(chunk.code).byteLength
  console.log(`The client is ${bytes} bytes, gzipped.`)
  expect(bytes).toBeLessThanOrEqual(LARGEST_BYTES)

  // What every browser has, and a bare context has not.
  const requests: unknown[] = []
  const fetch = async (url: string, init: RequestInit) => {
    requests.push([url, init.method, init.body])
    return Response.json({ items: [], nextCursor: null })
  }
  const { setTimeout, clearTimeout } = globalThis
  const page = { AbortController, URL, TextDecoder, crypto, performance, setTimeout, clearTimeout, fetch } as unknown as Page
  runInContext(chunk.code, createContext(page))
  expect(await page.client.learning.onboarding.listTracks({ limit: 5 })).toMatchObject({ ok: true, data: { items: [] } })
  expect(requests).toEqual([['https://waymark.example.com/v1/learning/onboarding/listTracks', 'POST', '{"limit":5}']])
})

interface Page {
  readonly client: { readonly learning: { readonly onboarding: { listTracks(input: object): Promise<unknown> } } }
}
