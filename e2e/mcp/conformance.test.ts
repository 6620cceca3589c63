import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startConformanceServer } from './conformance-server.ts'

const NO_PROMPTS = 'there are no prompts: contracts are tools and resources'
const NO_MEDIA = 'a tool answers with the data of its operation, as JSON'
const NO_LOG = 'the log is for operators, and does not go to callers'
const NO_QUESTIONS = 'an operation has its whole input when it is called, and asks for nothing more'
const NO_SESSIONS = 'there are no sessions: each request is answered in one piece'

interface Open {
  readonly checks: readonly string[]
  readonly why: string
}

const open = (why: string, ...checks: readonly string[]): Open => ({ why, checks })

type OpenTable = Readonly<Record<string, Open>>

/** What does not hold in either revision, check by check, and why it need not. */
const OPEN: OpenTable = {
  'completion-complete': open('there is nothing to complete: no prompts have arguments', 'completion-complete'),
  'json-schema-2020-12': open(
    'contracts leave out $schema, whose default is the one dialect that they have',
    'json-schema-2020-12-$schema',
  ),
  'prompts-get-embedded-resource': open(NO_PROMPTS, 'prompts-get-embedded-resource'),
  'prompts-get-simple': open(NO_PROMPTS, 'prompts-get-simple'),
  'prompts-get-with-args': open(NO_PROMPTS, 'prompts-get-with-args'),
  'prompts-get-with-image': open(NO_PROMPTS, 'prompts-get-with-image'),
  'prompts-list': open(NO_PROMPTS, 'prompts-list'),
  'resources-read-binary': open('contracts and tracks are JSON', 'resources-read-binary'),
  'tools-call-audio': open(NO_MEDIA, 'tools-call-audio'),
  'tools-call-embedded-resource': open(NO_MEDIA, 'tools-call-embedded-resource'),
  'tools-call-image': open(NO_MEDIA, 'tools-call-image'),
  'tools-call-mixed-content': open(NO_MEDIA, 'tools-call-mixed-content'),
  'tools-call-with-progress': open('a handler says nothing before its answer', 'tools-call-with-progress'),
}

/** What only the older revision asks for. */
const OPEN_IN_OLDER: OpenTable = {
  'elicitation-sep1034-defaults': open(NO_QUESTIONS, 'elicitation-sep1034-general'),
  'elicitation-sep1330-enums': open(NO_QUESTIONS, 'elicitation-sep1330-general'),
  'logging-set-level': open(NO_LOG, 'logging-set-level'),
  'resources-subscribe': open('contracts do not change while a server runs, and tracks seldom', 'resources-subscribe'),
  'resources-unsubscribe': open('what cannot be subscribed to need not be left', 'resources-unsubscribe'),
  'server-sse-multiple-streams': open(NO_SESSIONS, 'server-sse-multiple-streams-session'),
  'server-sse-polling': open(NO_SESSIONS, 'server-sse-polling-session'),
  'tools-call-elicitation': open(NO_QUESTIONS, 'tools-call-elicitation'),
  'tools-call-sampling': open(NO_QUESTIONS, 'tools-call-sampling'),
  'tools-call-with-logging': open(NO_LOG, 'tools-call-with-logging'),
}

/** What only the newer revision asks for. */
const OPEN_IN_NEWER: OpenTable = {
  caching: open(NO_PROMPTS, 'sep-2549-prompts-list-caching-hints'),
  'http-custom-header-server-validation': open(
    'no contract wants one of its fields in a header',
    'sep-2243-server-no-xmcp-tool',
    'sep-2243-server-decode-base64',
    'sep-2243-server-validate-param-match',
    'sep-2243-server-reject-invalid-param-chars',
    'sep-2243-server-reject-param-mismatch',
  ),
  'input-required-result-basic-elicitation': open(NO_QUESTIONS, 'sep-2322-elicitation-incomplete'),
  'input-required-result-basic-list-roots': open(NO_QUESTIONS, 'sep-2322-list-roots-incomplete'),
  'input-required-result-basic-sampling': open(NO_QUESTIONS, 'sep-2322-sampling-incomplete'),
  'input-required-result-capability-check': open(NO_QUESTIONS, 'sep-2322-respect-client-capabilities'),
  'input-required-result-ignore-extra-params': open(NO_QUESTIONS, 'sep-2322-ignore-unexpected-params'),
  'input-required-result-missing-input-response': open(NO_QUESTIONS, 'sep-2322-missing-response-rerequests'),
  'input-required-result-multi-round': open(NO_QUESTIONS, 'sep-2322-multi-round-r1'),
  'input-required-result-multiple-input-requests': open(NO_QUESTIONS, 'sep-2322-multiple-inputs-incomplete'),
  'input-required-result-non-tool-request': open(NO_QUESTIONS, 'sep-2322-non-tool-incomplete'),
  'input-required-result-request-state': open(NO_QUESTIONS, 'sep-2322-request-state-incomplete'),
  'input-required-result-result-type': open(NO_QUESTIONS, 'sep-2322-result-type-included'),
  'input-required-result-tampered-state': open(NO_QUESTIONS, 'sep-2322-reject-tampered-state'),
  'server-stateless': open(
    'no tool wants anything of its client, and none logs to it',
    'sep-2575-server-rejects-undeclared-capability',
    'sep-2575-missing-capability-http-400',
    'sep-2575-http-server-no-independent-requests-on-stream',
    'sep-2575-server-no-log-without-loglevel',
  ),
}

/** What holds to the last check, by name, so that a scenario cannot go missing. */
const HOLDS = {
  '2025-11-25': [
    ...['server-initialize', 'server-session-lifecycle', 'ping', 'tools-list', 'tools-call-simple-text', 'tools-call-error'],
    ...['resources-list', 'resources-read-text', 'resources-templates-read', 'dns-rebinding-protection'],
  ],
  '2026-07-28': [
    ...['tools-list', 'tools-call-simple-text', 'tools-call-error', 'server-sse-multiple-streams', 'resources-list'],
    ...['resources-read-text', 'resources-templates-read', 'sep-2164-resource-not-found', 'dns-rebinding-protection'],
    ...['http-header-validation', 'input-required-result-unsupported-methods', 'input-required-result-validate-input'],
  ],
} as const

/** The checks of each scenario that failed or were warned of. */
async function runSuite(url: string, revision: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const suite = join(
    dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
    'dist/index.js',
  )
  const folder = await mkdtemp(join(tmpdir(), 'waymark-mcp-'))
  try {
    const args = ['server', '--url', url, '--suite', 'all', '--spec-version', revision, '--output-dir', folder]
    // It ends with 1 when a check fails; what failed is in its files.
    await promisify(execFile)(process.execPath, [suite, ...args]).catch(() => {})
    const results = new Map<string, readonly string[]>()
    for (const name of await readdir(folder)) {
      const checks: { readonly id: string; readonly status: string }[] = JSON.parse(
        await readFile(join(folder, name, 'checks.json'), 'utf8'),
      )
      const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING').map(({ id }) => id)
      results.set(name.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, ''), bad)
    }
    return results
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe.each([
  ['2025-11-25', { ...OPEN, ...OPEN_IN_OLDER }],
  ['2026-07-28', { ...OPEN, ...OPEN_IN_NEWER }],
] as const)('the conformance suite at revision %s', (revision, table: OpenTable) => {
  let server: Awaited<ReturnType<typeof startConformanceServer>>
  let results: Awaited<ReturnType<typeof runSuite>>
  beforeAll(async () => {
    server = await startConformanceServer()
    results = await runSuite(`${server.url}/mcp`, revision)
  })
  afterAll(() => server.close())

  it.each(HOLDS[revision])('holds to the last check: %s', (scenario) => {
    expect(results.get(scenario)).toEqual([])
  })

  it.each(Object.entries(table).map(([scenario, { why, checks }]) => [scenario, why, checks] as const))(
    'leaves nothing else open than what does not apply: %s, because %s',
    (scenario, _, checks) => {
      expect(results.get(scenario)).toEqual(checks)
    },
  )

  it('has no other scenarios', () => {
    expect([...results.keys()].sort()).toEqual([...HOLDS[revision], ...Object.keys(table)].sort())
  })
})
