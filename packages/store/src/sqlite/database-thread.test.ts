import { expect, it } from 'vitest'
import { createDatabaseThread } from './database-thread.ts'

const dying = new URL('../../fixtures/dying-worker.ts', import.meta.url)

it('rejects what waits and what comes later with the cause when the thread dies', async () => {
  const notices: string[] = []
  const ends: string[] = []
  const thread = createDatabaseThread(dying, { onNotice: (notice) => notices.push(notice), onEnd: ({ code }) => ends.push(code) })
  expect(await thread.call('open', 'any.db')).toEqual([])
  const death = { code: 'STORE_CLOSED', message: 'The database thread ended: out of luck. Open the store again.' }
  const waiting = [thread.call('begin'), thread.call('readTrackVersions')]
  for (const result of await Promise.allSettled(waiting)) expect(result).toMatchObject({ status: 'rejected', reason: death })
  await expect(thread.call('begin')).rejects.toMatchObject({ ...death, cause: { message: 'out of luck' } })
  await thread.close()
  expect(notices).toEqual([death.message])
  expect(ends).toEqual(['STORE_CLOSED'])
})

it('throws at once when an argument cannot be copied, without losing the order of answers', async () => {
  const thread = createDatabaseThread(dying)
  expect(() => thread.call('open', (() => {}) as never)).toThrow('could not be cloned')
  expect(await thread.call('open', 'any.db')).toEqual([])
  await thread.terminate()
})
