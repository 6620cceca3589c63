import { expect, it } from 'vitest'
import { createDocsDoor } from './docs-door.ts'

const site = new Map([
  ['index.html', '<p>start</p>'],
  ['de/index.html', '<p>Anfang</p>'],
  ['a.b@1.0.0.md', '# a.b'],
])
const door = createDocsDoor(
  async () => site,
  () => {},
)
const ask = (path: string, method = 'GET') => door(new Request(`http://127.0.0.1${path}`, { method }))

it('serves the files of the site, and an index for each folder', async () => {
  expect(await (await ask('/docs/'))?.text()).toBe('<p>start</p>')
  expect(await (await ask('/docs/de/'))?.text()).toBe('<p>Anfang</p>')
  const page = await ask('/docs/a.b@1.0.0.md')
  expect([page?.status, page?.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8'])
  expect(await (await ask('/docs/a.b%401.0.0.md'))?.text()).toBe('# a.b')
})

it('says where the reference starts when there is no such page, and sends a bare path there', async () => {
  expect((await ask('/docs/nothing'))?.status).toBe(404)
  expect((await ask('/docs/../key'))?.status).toBeUndefined()
  const bare = await ask('/docs')
  expect([bare?.status, bare?.headers.get('location')]).toEqual([308, '/docs/'])
})

it('takes GET and HEAD alone', async () => {
  expect((await ask('/docs/', 'POST'))?.headers.get('allow')).toBe('GET, HEAD')
  const head = await ask('/docs/', 'HEAD')
  expect([head?.status, await head?.text()]).toEqual([200, ''])
})

it('leaves every other path to others', () => {
  for (const path of ['/v1/docs', '/docsy', '/', '/v1/learning/onboarding/getProgress?learnerId=/docs/'])
    expect(ask(path)).toBeUndefined()
})

it('makes the site once, and again after it failed, which it says', async () => {
  let made = 0
  const failures: unknown[] = []
  const failing = createDocsDoor(
    async () => {
      made += 1
      if (made === 1) throw new Error('no')
      return site
    },
    (error) => failures.push(error),
  )
  const request = () => failing(new Request('http://127.0.0.1/docs/'))
  expect((await request())?.status).toBe(500)
  expect(failures).toMatchObject([{ message: 'no' }])
  for (let n = 0; n < 2; n++) expect((await request())?.status).toBe(200)
  expect(made).toBe(2)
})
