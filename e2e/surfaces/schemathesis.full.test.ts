/**
 * schemathesis reads the OpenAPI document of a running server and calls everything in it, rightly and wrongly, in every way it can think
 * of: no answer may be outside the document. `SCHEMATHESIS_SEED` runs one again, `SCHEMATHESIS_EXAMPLES` sets how many cases it makes by
 * chance of each operation, besides those that cover every keyword of the schemas.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { serveNode } from '@waymark/surface/rest/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixture } from '../../packages/surface/test-support/fixture.ts'
import { ServerProcess } from '../server/server-process.ts'

const PROGRAM = resolve(import.meta.dirname, '../../.cache/python/bin/schemathesis')
/** Makes twenty thousand cases, in less than three minutes on two idle cores. */
const USUAL = 150
const EXAMPLES = Number(process.env.SCHEMATHESIS_EXAMPLES ?? USUAL)
const SEED = Number(process.env.SCHEMATHESIS_SEED ?? randomInt(1_000_000))

/** What is left out, and why. */
const LEFT_OUT = {
  'positive_data_acceptance, a check':
    'contracts refuse what JSON Schema cannot say: moments before 1970, cursors that no page gave, definitions that are no tracks',
  'object_level_authorization, a check': 'it wants two users with objects of their own; the tests of learner tokens have them',
  'negative_data_rejection at the doors of event SDKs':
    'they answer 200 with a status for each event, because SDKs drop a whole batch on a 4xx',
  'missing_required_header at an operation that is switched off': 'it says so before it asks who calls; the check wants 401',
  'response_schema_conformance of lines of JSON':
    'the document describes one line, and schemathesis reads whole answers; the pipeline checks each item itself',
  'learning.onboarding.watchFacts and shop.orders.watch':
    'their answers have no end; the tests of streams and of live facts read them',
  'shop.admin.break': 'the fixture has it to fail and to wait',
} as const

const CONFIG = `
suppress-health-check = ["all"]
request-timeout = 60.0
continue-on-failure = true

[generation]
max-examples = ${EXAMPLES}
database = "none"

[checks]
positive_data_acceptance.enabled = false
object_level_authorization.enabled = false
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "429", "431"]

# Chance alone would never find them.
[dictionaries]
learners.values = ["ada", "bob"]
tracks.values = ["first-win"]
events.values = ["pipeline.created", "deal.created"]

[parameters]
${['query', 'body']
  .flatMap((place) => [
    `"${place}.learnerId" = { dictionary = "learners", probability = 0.5 }`,
    `"${place}.trackId" = { dictionary = "tracks", probability = 0.7 }`,
    `"${place}.eventName" = { dictionary = "events", probability = 0.7 }`,
  ])
  .join('\n')}

[[operations]]
include-path-regex = "(?i)watch|/break$"
enabled = false

[[operations]]
include-path-regex = "^/v0/"
checks.missing_required_header.enabled = false

[[operations]]
include-path-regex = "exportLearner"
headers = { Accept = "application/x-ndjson" }

[[operations]]
include-path-regex = "^/(v1/[a-z]+|batch|capture|i/v0/e|events)$|/ingest$"
checks.negative_data_rejection.enabled = false
`

interface Report {
  readonly complete: boolean
  readonly exit_code: number
  readonly operations: { readonly total: number; readonly selected: number; readonly tested: number }
  readonly test_cases: { readonly generated: number; readonly unique_failures: number; readonly errored: number }
  readonly failures: readonly unknown[]
  readonly errors: readonly unknown[]
}

/** Everything that schemathesis has to say of a part of a server. */
async function inspect(url: string, key: string, part: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-schemathesis-'))
  try {
    await writeFile(join(folder, 'schemathesis.toml'), CONFIG)
    const options = ['--seed', String(SEED), '--no-color', '--report', 'json', '--report-dir', 'report', ...part]
    const child = spawn(PROGRAM, ['run', `${url}/openapi.json`, '-H', `Authorization: Bearer ${key}`, ...options], {
      cwd: folder,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    await new Promise((ended) => child.on('close', ended))
    const [file] = existsSync(join(folder, 'report')) ? await readdir(join(folder, 'report')) : []
    if (file === undefined) throw new Error(output)
    const report = JSON.parse(await readFile(join(folder, 'report', file), 'utf8')) as Report
    return { report, found: output.slice(Math.max(0, output.search(/=+ (FAILURES|ERRORS) =+/))) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const PARTS = [
  ['the queries of a server', 'queries'],
  ['its commands', 'commands'],
  ['the doors of event SDKs', 'doors'],
  ['the fixture', 'shop'],
] as const

const READS = '/(get|list|explain|simulate|funnel|timeTo|export)[A-Za-z]*$'

describe.skipIf(!existsSync(PROGRAM))('schemathesis (it comes with scripts/install-components.sh)', () => {
  let servers: readonly ServerProcess[]
  let fixture: Awaited<ReturnType<typeof serveNode>>
  let parts: Readonly<Record<(typeof PARTS)[number][1], Awaited<ReturnType<typeof inspect>>>>
  beforeAll(async () => {
    for (const [what, why] of Object.entries(LEFT_OUT)) console.log(`Left out: ${what}, because ${why}.`)
    const env = { DATABASE_URL: 'sqlite::memory:' }
    const [reading, writing] = [await ServerProcess.start({ env }), await ServerProcess.start({ env })] as const
    servers = [reading, writing]
    const eventPayload = { pipelineId: 'p', name: 'New' }
    const events = ['ada', 'bob'].map((learnerId) => ({ learnerId, eventName: 'pipeline.created', eventPayload }))
    for (const server of servers) await server.call('ingest', { events })
    const { rest } = createFixture()
    fixture = await serveNode((request) => rest.fetch(request), { host: '127.0.0.1', port: 0 })
    const [queries, commands, doors, shop] = await Promise.all([
      inspect(reading.url, reading.key, ['--include-path-regex', READS]),
      inspect(writing.url, writing.key, ['--exclude-path-regex', READS, '--exclude-tag', 'ingest']),
      inspect(writing.url, writing.key, ['--include-tag', 'ingest']),
      inspect(fixture.url, 'operator', ['--exclude-tag', 'ingest', '--exclude-tag', 'learning']),
    ])
    parts = { queries, commands, doors, shop }
  })
  afterAll(async () => {
    await fixture?.close()
    for (const server of servers ?? []) await server.remove()
  })

  it.each(PARTS)('finds no answer outside the document: %s', (_, part) => {
    const { report, found } = parts[part]
    const { operations, test_cases } = report
    console.log(`${part}: ${operations.tested} operations, ${test_cases.generated} cases, seed ${SEED}.`)
    expect(report.failures.length + report.errors.length === 0 ? '' : found).toBe('')
    expect(report).toMatchObject({ complete: true, exit_code: 0, operations: { tested: operations.selected } })
    expect(operations.tested).toBeGreaterThan(0)
  })

  it.skipIf(EXAMPLES < USUAL)('made twenty thousand cases (fewer are asked for where this is skipped)', () => {
    const cases = Object.values(parts).reduce((sum, { report }) => sum + report.test_cases.generated, 0)
    console.log(`${cases} cases in all, seed ${SEED}.`)
    expect(cases).toBeGreaterThanOrEqual(20_000)
  })
})
