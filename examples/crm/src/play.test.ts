import { afterAll, beforeAll, expect, it } from 'vitest'
import { play, startExample } from './play.ts'

let server: Awaited<ReturnType<typeof startExample>>

beforeAll(async () => {
  server = await startExample()
})
afterAll(() => server.close())

it('takes a person from nothing to a won deal with six events of the unmodified SDK', async () => {
  const lines: string[] = []
  const progress = await play(server, 'ann', (line) => lines.push(line))
  expect(progress).toMatchObject({
    xp: 185,
    badges: ['first-win'],
    tracks: [{ trackId: 'first-win', percent: 100, status: 'completed' }],
  })
  const text = lines.join('\n')
  expect(text).toContain('create-pipeline: completed')
  expect(text).toContain('[-] create-deal: locked, wants add-contact first, deal.created (0 of 1)')
  expect(text).toContain('100 %, 185 XP')
})
