/** Pages of two origins in a real browser, whose rules decide what they see of the answers: one origin is admitted, the other is not. */
import { existsSync } from 'node:fs'
import { serveNode } from '@waymark/surface/rest/node'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from './server-process.ts'

const CHROMIUM = '/usr/bin/chromium'

describe.skipIf(!existsSync(CHROMIUM))('a page in a browser (it needs Chromium: scripts/install-components.sh)', () => {
  let app: Awaited<ReturnType<typeof serveNode>>
  let server: ServerProcess
  let browser: Browser
  beforeAll(async () => {
    const page = () => new Response('<!doctype html><title>App</title>', { headers: { 'content-type': 'text/html' } })
    app = await serveNode(page, { host: '127.0.0.1', port: 0 })
    server = await ServerProcess.start({ env: { WAYMARK_CORS_ORIGINS: `http://127.0.0.1:${app.port}` } })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await app?.close()
  })

  const open = async (host: string): Promise<Page> => {
    const page = await browser.newPage()
    await page.goto(`http://${host}:${app.port}/`)
    return page
  }

  /** What the page sees: status, the id of the request, the beginning of the body; or that the browser keeps it from it. */
  const call = (page: Page, path: string, headers: Readonly<Record<string, string>>, body?: object) =>
    page.evaluate(
      async ({ url, headers, body }) => {
        try {
          const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
          const answer = await fetch(url, { ...init, headers })
          const reader = answer.body?.getReader()
          const text = new TextDecoder().decode((await reader?.read())?.value)
          await reader?.cancel()
          return { status: answer.status, requestId: answer.headers.get('x-request-id'), text }
        } catch (error) {
          return String(error)
        }
      },
      { url: `${server.url}${path}`, headers: { authorization: `Bearer ${server.key}`, ...headers }, body },
    )

  const JSON_TYPE = { 'content-type': 'application/json' }
  const requestId = expect.stringMatching(/./)

  it('of an admitted origin calls every surface and reads problems, headers and streams', async () => {
    const page = await open('127.0.0.1')
    const event = { learnerId: 'ada', eventName: 'contact.created', eventPayload: { contactId: 'c1' } }
    const record = '/v1/learning/onboarding/recordEvent'
    expect(await call(page, record, { ...JSON_TYPE, 'idempotency-key': 'k1' }, event)).toMatchObject({ status: 200, requestId })
    expect(await call(page, record, JSON_TYPE, {})).toMatchObject({
      status: 422,
      requestId,
      text: expect.stringMatching(/VALIDATION_FAILED/),
    })
    const watch = '/v1/learning/onboarding/watchFacts?learnerId=ada'
    expect(await call(page, watch, { accept: 'text/event-stream', 'last-event-id': '' })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^id:/m),
    })
    const attributes = {
      'ce-specversion': '1.0',
      'ce-id': 'e1',
      'ce-source': '/page',
      'ce-type': 'contact.created',
      'ce-learnerid': 'ada',
    }
    expect(await call(page, '/events', { ...JSON_TYPE, ...attributes }, { contactId: 'c2' })).toMatchObject({ status: 200 })
    expect(await call(page, '/graphql', JSON_TYPE, { query: '{ __typename }' })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/Query/),
    })
    const mcp = { ...JSON_TYPE, accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }
    expect(await call(page, '/mcp', mcp, { jsonrpc: '2.0', id: 1, method: 'ping' })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/"id":1/),
    })
  })

  it('of another origin reads nothing, and what it sends with a credential is not sent', async () => {
    const page = await open('localhost')
    const event = { learnerId: 'eve', eventName: 'contact.created', eventPayload: { contactId: 'c1' } }
    expect(await call(page, '/v1/learning/onboarding/recordEvent', JSON_TYPE, event)).toMatch(/^TypeError/)
    const eventsOf = async (learnerId: string) => {
      const headers = { authorization: `Bearer ${server.key}` }
      const answer = await fetch(`${server.url}/v1/learning/onboarding/listEvents?learnerId=${learnerId}`, { headers })
      return ((await answer.json()) as { readonly items: readonly unknown[] }).items.length
    }
    expect([await eventsOf('ada'), await eventsOf('eve')]).toEqual([2, 0])
  })
})
