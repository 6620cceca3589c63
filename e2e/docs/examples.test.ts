/** The examples of Waymark's own contracts, each called once and in their order: a server answers what they say. */
import { checkExamples, isStream } from '@waymark/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepare } from '../../apps/server/src/compose.ts'
import type { ServerProcess } from '../server/server-process.ts'
import { MadeIds, statusOf, tellStory } from './example-story.ts'
import { startStoryServer, untilJobsEnded } from './story-server.ts'

const { registry } = await prepare([], undefined)
const ids = new MadeIds()
let server: ServerProcess
beforeAll(async () => {
  server = await startStoryServer()
})
afterAll(() => server?.remove())

it('has examples that their schemas admit', async () => {
  expect(await checkExamples(registry)).toEqual([])
})

it.each(tellStory(registry).map((chapter) => [chapter.entry.id, chapter.example.title, chapter] as const))(
  '%s: %s',
  async (_, __, chapter) => {
    const { entry, example } = chapter
    const { key } = entry.operation.meta
    const stop = new AbortController()
    const response = await fetch(`${server.url}/v1/${key.replaceAll('.', '/')}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.key}`,
        'content-type': 'application/json',
        ...(isStream(entry.operation.io.output) ? { accept: 'application/x-ndjson' } : {}),
      },
      body: ids.fill(JSON.stringify(example.input)),
      signal: stop.signal,
    })
    if (isStream(entry.operation.io.output)) {
      expect(response.status).toBe(200)
      stop.abort()
      return
    }
    const body = await response.json()
    expect([response.status, body.code]).toEqual([statusOf(chapter), example.error])
    if (example.output !== undefined) expect(ids.differences(example.output, body)).toEqual([])
    await untilJobsEnded(server)
  },
)
