import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { expect, test } from 'vitest'

const STORY = `
import { given } from '@waymark/learning-journey/testing'
const track = {
  format: 'waymark.track/1', key: 't', version: '1.0.0', timezone: 'Asia/Tokyo',
  steps: [
    { key: 'now', complete: { event: 'a' } },
    { key: 'later', opens: { onDay: 2 }, complete: { event: 'a', atLeast: 2 } },
  ],
}
globalThis.told = given(track)
  .at('2026-03-02T14:00:00Z').event('a').event('a')
  .expect({ steps: { now: 'completed', later: 'open' } })
  .advance('PT1H')
  .expect({ status: 'completed' })
  .facts.map(({ name, at }) => name + ' ' + at)
`

test('stories run in a browser: the bundle asks for nothing of Node', async () => {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@waymark/source', 'browser', 'module', 'import', 'default'] },
    plugins: [
      {
        name: 'story',
        resolveId: (id) => (id === 'story' ? '\0story' : undefined),
        load: (id) => (id === '\0story' ? STORY : undefined),
      },
    ],
    build: { write: false, minify: false, rollupOptions: { input: 'story', output: { format: 'iife' } } },
  })
  const bundle = [output].flat().flatMap((result) => ('output' in result ? result.output : []))
  expect(bundle).toHaveLength(1)
  const [chunk] = bundle
  if (chunk?.type !== 'chunk') throw new Error('The bundle has no code.')
  expect(chunk.imports).toEqual([])
  expect(chunk.code).not.toMatch(/require\(|from ["']node:/)

  // What every browser has, and a bare context has not.
  const page = { TextEncoder, TextDecoder } as { told?: string[]; TextEncoder: unknown; TextDecoder: unknown; process?: unknown }
  runInContext(chunk.code, createContext(page))
  expect(page.process).toBeUndefined()
  expect(page.told).toEqual([
    'enrolled 2026-03-02T14:00:00.000Z',
    'step.completed 2026-03-02T14:00:00.000Z',
    'step.opened 2026-03-02T15:00:00.000Z',
    'step.completed 2026-03-02T15:00:00.000Z',
    'track.completed 2026-03-02T15:00:00.000Z',
  ])
})
