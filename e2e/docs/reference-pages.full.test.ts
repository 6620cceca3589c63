/** The reference pages in a real browser: nothing that axe finds, nothing wider than the screen, and a search that answers. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

const CHROMIUM = '/usr/bin/chromium'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const PAGES = [
  'index',
  'learning.onboarding.recordEvent@1.0.0',
  'learning.onboarding.watchFacts@1.0.0',
  'deal.created@1.0.0',
  'reference/track-format',
]

interface Axe {
  run(
    options: object,
  ): Promise<{ readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[] }>
}

describe.skipIf(!existsSync(CHROMIUM))('the reference pages (they need Chromium: scripts/install-components.sh)', () => {
  let server: ServerProcess
  let browser: Browser
  beforeAll(async () => {
    server = await ServerProcess.create({})
    await server.start()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
  })

  const open = async (path: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${server.url}/docs/${path}`)
    return page
  }

  const looks = ['', 'de/', 'ar/'].flatMap((folder) =>
    PAGES.flatMap((name) =>
      [320, 1280].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [`${folder}${name}`, width, scheme] as const)),
    ),
  )
  it.each(looks)('%s at %d pixels, %s: axe finds nothing, and nothing is cut off', async (name, width, scheme) => {
    const page = await open(`${name}.html`, width, scheme)
    await page.evaluate(AXE)
    const violations = await page.evaluate(async (tags) => {
      const { axe } = globalThis as unknown as { readonly axe: Axe }
      const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    }, WCAG)
    expect(violations).toEqual([])
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(overflow).toBe(0)
    await page.context().close()
  })

  it('searches as one types, and goes to what it found', async () => {
    const page = await open('de/reference/track-format.html', 1280, 'light')
    await page.keyboard.press('/')
    await page.keyboard.type('record event')
    const first = page.locator('#site-results a').first()
    await first.waitFor()
    expect(await first.textContent()).toBe('learning.onboarding.recordEvent 1.0.0')
    await first.click()
    await page.waitForURL('**/docs/de/learning.onboarding.recordEvent@1.0.0.html')
    await page.keyboard.press('/')
    await page.keyboard.type('qqqq')
    await page.locator('#site-results li', { hasText: 'So heißt nichts.' }).waitFor()
    await page.context().close()
  })

  it('copies code', async () => {
    const page = await open('learning.onboarding.recordEvent@1.0.0.html', 1280, 'light')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.locator('details .code button').first().click()
    await page.locator('details .code button', { hasText: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^curl /)
    await page.context().close()
  })

  it('is whole without JavaScript, and loads nothing from elsewhere', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) elsewhere.push(request.url())
    })
    await page.goto(`${server.url}/docs/learning.onboarding.recordEvent@1.0.0.html`)
    expect(await page.locator('h2').allTextContents()).toContain('Errors')
    expect(elsewhere).toEqual([])
    await context.close()
  })
})
