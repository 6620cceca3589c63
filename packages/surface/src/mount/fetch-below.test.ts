import { describe, expect, it } from 'vitest'
import { fetchBelow } from './fetch-below.ts'

/** Says what it was asked; answers with these headers. */
function probe(headers: Record<string, string> = {}) {
  const asked: unknown[] = []
  const fetch = async (request: Request, info?: object) => {
    asked.push([request.method, request.url, await request.text(), request.headers.get('x-a'), info])
    return new Response('answer', { status: 201, headers })
  }
  return { asked, fetch }
}

describe('a request below a path', () => {
  it.each([
    ['/app', 'http://shop.test/app/v1/x?y=%20a#z', 'http://shop.test/v1/x?y=%20a#z'],
    ['/app/', 'http://shop.test/app/', 'http://shop.test/'],
    ['/a/b', 'http://shop.test/a/b/a/b/c', 'http://shop.test/a/b/c'],
  ])('of %s: %s is handed over as %s, with everything else that it has', async (basePath, from, to) => {
    const { asked, fetch } = probe()
    const request = new Request(from, { method: 'POST', body: 'body', headers: { 'x-a': '1' } })
    expect((await fetchBelow({ fetch }, request, basePath)).status).toBe(201)
    expect(asked).toEqual([['POST', to, 'body', '1', { basePath: basePath.replace(/\/$/, '') }]])
  })

  it.each(['http://shop.test/', 'http://shop.test/app', 'http://shop.test/apple/v1', 'http://shop.test/x/app/v1'])(
    '%s is not one',
    async (url) => {
      const { asked, fetch } = probe()
      const answer = await fetchBelow({ fetch }, new Request(url), '/app')
      expect([answer.status, await answer.json(), asked]).toMatchObject([404, { code: 'NOT_FOUND' }, []])
    },
  )

  it('at the root is handed over as it is', async () => {
    const { asked, fetch } = probe({ location: '/docs/' })
    const request = new Request('http://shop.test/docs')
    const answer = await fetchBelow({ fetch }, request, '')
    expect([asked, answer.headers.get('location')]).toEqual([[['GET', request.url, '', null, undefined]], '/docs/'])
  })

  it.each([
    ['location', '/docs/', '/app/docs/'],
    ['location', 'https://other.test/', 'https://other.test/'],
    ['location', '//other.test/', '//other.test/'],
    [
      'link',
      '</v2/x>; rel="successor-version", <https://o.test/>; rel="help"',
      '</app/v2/x>; rel="successor-version", <https://o.test/>; rel="help"',
    ],
    ['x-path', '/docs/', '/docs/'],
  ])('has the header %s: %s as %s', async (name, from, to) => {
    const { fetch } = probe({ [name]: from })
    const answer = await fetchBelow({ fetch }, new Request('http://shop.test/app/x'), '/app')
    expect([answer.status, answer.headers.get(name), await answer.text()]).toEqual([201, to, 'answer'])
  })
})
