import { afterAll, beforeAll, expect, it } from 'vitest'
import { play, startExample } from './play.ts'

let server: Awaited<ReturnType<typeof startExample>>

beforeAll(async () => {
  server = await startExample()
})
afterAll(() => server.close())

it('takes a contributor through GitHub webhooks to the end of a pull request, the person found by a mapping', async () => {
  const progress = await play(server, () => {})
  expect(progress).toMatchObject({ learnerId: 'Codertocat', xp: 100, badges: ['contributor'], tracks: [{ percent: 100 }] })
})
