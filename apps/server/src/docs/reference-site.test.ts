import { type DocsSite, escapeHtml, LABELS } from '@waymark/surface/docs'
import { beforeAll, expect, it } from 'vitest'
import { brokenLinks } from '../../test-support/broken-links.ts'
import { prepare } from '../compose.ts'
import { serverSite } from './server-site.ts'

let site: DocsSite
beforeAll(async () => {
  const { registry, tracks, implementations } = await prepare([], undefined)
  site = await serverSite({ registry, tracks, implementations, files: [], cwd: process.cwd() })
}, 30_000)

it('shows of recordEvent what its contract says, once, with its place in the source', () => {
  const text = site.get('learning.onboarding.recordEvent@1.0.0.md') ?? ''
  expect(text.split('\n').slice(0, 12).join('\n')).toMatchInlineSnapshot(`
    "# learning.onboarding.recordEvent

    Record a domain event to evaluate onboarding step completion conditions.

    - Type: command
    - Version: 1.0.0
    - Stability: stable
    - Tags: learning, onboarding, events
    - Owners: learning-journey
    - File: \`packages/modules/learning-journey/src/contracts/onboarding.ts:42\`

    ## Goal"
  `)
  expect(text.match(/^## .*/gm)).toEqual(
    [
      'Goal',
      'Context',
      'Who may call',
      'Input',
      'Output',
      'Examples',
      'How to call it',
      'Errors',
      'Emits',
      'Limits',
      'Versions',
      'Source definition',
    ].map((heading) => `## ${heading}`),
  )
  expect(text).toContain(
    "```ts\nexport const RecordOnboardingEventContract = defineCommand({\n  meta: {\n    key: 'learning.onboarding.recordEvent',",
  )
  for (const code of ['TRACK_NOT_FOUND', 'STEP_NOT_FOUND']) expect(text.split(`| \`${code}\` | 404 |`)).toHaveLength(2)
})

it('knows where each contract of Waymark is declared', () => {
  const without = [...site].filter(
    ([path, text]) => path.endsWith('.md') && /^# (learning|server)\./.test(text) && !text.includes('\n- File: '),
  )
  expect(without.map(([path]) => path)).toEqual([])
})

it('says what a command takes away', () => {
  expect(site.get('learning.onboarding.eraseLearner@1.0.0.md')).toContain('> This command ends, removes or takes back something.')
  expect(site.get('learning.onboarding.recordEvent@1.0.0.md')).not.toContain('takes back something.')
})

it('says which tracks listen to an event', () => {
  expect(site.get('deal.created@1.0.0.md')).toContain('- first-win 1.0.0')
})

it('has every label of a page in the language of the page, and no key of one', () => {
  for (const [path, text] of site) expect(/\b\w+\.label\b|\[object /.exec(text)?.[0], path).toBeUndefined()
  for (const [locale, labels] of Object.entries(LABELS)) {
    const known = new Set(valuesOf(labels).map(escapeHtml))
    const folder = locale === 'en' ? '' : `${locale}/`
    const pages = [...site].filter(([path]) => path.startsWith(folder) && /^[^/]+@1\.0\.0\.html$/.test(path.slice(folder.length)))
    expect(pages.length, locale).toBeGreaterThan(60)
    for (const [path, text] of pages)
      for (const [, label = ''] of text.matchAll(
        /<(?:h2|h3(?! id="example)|dt|summary|th scope="col")[^>]*>(?:<a [^>]*>)?([^<]*)/g,
      ))
        expect(known, `${path}: ${label}`).toContain(label)
  }
})

it('links only to what is there, in HTML, in Markdown and in llms.txt, and names every place once', () => {
  const pages = [...site.keys()].filter((path) => path.endsWith('.html'))
  expect(pages.length).toBeGreaterThan(300)
  expect(brokenLinks(site)).toEqual([])
})

function valuesOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(valuesOf)
}
