import { describe, expect, test } from 'vitest'
import { registry } from '../../test-support/crm.ts'
import { START, track } from '../../test-support/entries.ts'
import { ADA, SERVICE, sha256 } from '../../test-support/journey-process.ts'
import type { TrackStatusRow } from '../ports/index.ts'
import { type Assessment, assess, controlEntry, LARGEST_EVENT, type Report, type ReportedEvent } from './assess.ts'
import { createCatalogue } from './catalogue.ts'

const models = [
  track({ any: [{ event: 'deal.created' }, { event: 'page.read', trust: 'client' }] }, { key: 'deals' }),
  track({ event: 'quiz.passed' }, { key: 'quizzes' }),
]
const catalogue = createCatalogue(models, registry)
const context = { registry, catalogue, hash: sha256 }
const report: Report = { principal: SERVICE as Report['principal'], channel: 'rest', receivedAt: START, fallbackId: () => 'made' }
const ada: Report = { ...report, principal: ADA as Report['principal'] }
const DEAL = { learnerId: 'ada', eventName: 'deal.created', eventPayload: { dealId: 'd', amount: 1 } }

const assessed = (event: Partial<ReportedEvent> = {}, by = report) => assess(context, { ...DEAL, ...event }, by) as Assessment

function prepared(event: Partial<ReportedEvent> = {}, by = report) {
  const found = assessed(event, by)
  if (!('prepared' in found)) throw new Error(`Expected an entry, got ${JSON.stringify(found)}`)
  return found.prepared
}

describe('the order of the checks', () => {
  const wrong = { trackId: 'nope', eventPayload: { amount: 'x' } }

  test('the prefix of control entries is refused before anything else', () => {
    expect(assessed({ ...wrong, eventName: 'waymark.enrolled' })).toMatchObject({ verdict: 'forbidden' })
  })

  test('then what a learner may not report', () => {
    expect(assessed(wrong, ada)).toMatchObject({
      verdict: 'forbidden',
      detail: expect.stringContaining("reportableBy: 'client'"),
    })
  })

  test('then an unknown track', () => {
    expect(assessed({ ...wrong, eventName: 'nobody.declares' })).toEqual({ verdict: 'unknown_track' })
    expect(assessed(wrong)).toEqual({ verdict: 'unknown_track' })
  })

  test('then an event without a contract', () => {
    expect(assessed({ ...wrong, trackId: 'deals', eventName: 'nobody.declares' })).toEqual({ verdict: 'unknown' })
  })

  test('then the payload', () => {
    expect(assessed({ ...wrong, trackId: 'deals' })).toMatchObject({
      verdict: 'invalid',
      issues: [{ pointer: '/eventPayload/dealId' }, { pointer: '/eventPayload/amount' }],
    })
  })
})

describe('routing', () => {
  test('an event concerns the tracks that listen to its name, or of those the one it names', () => {
    const routed = (event: Partial<ReportedEvent>) => catalogue.tracksOf(prepared(event).entry).map(({ key }) => key)
    expect(routed({})).toEqual(['deals'])
    expect(routed({ trackId: 'deals' })).toEqual(['deals'])
  })

  test('an event with a contract that no step listens to is unmatched, and can be stored', () => {
    const found = assessed({ eventName: 'pipeline.created', eventPayload: {} })
    expect(found).toMatchObject({ verdict: 'unmatched', prepared: { row: { name: 'pipeline.created' } } })
    expect(assessed({ trackId: 'quizzes' })).toMatchObject({ verdict: 'unmatched' })
  })

  test('an event that only a paused track listens to is not unmatched; an archived track is unknown', () => {
    const statusOf = (status: TrackStatusRow['status']): TrackStatusRow => ({
      key: 'deals',
      status,
      version: '1.0.0',
      policy: 'carry',
      generation: 0,
      changedAt: START,
    })
    const served = (status: TrackStatusRow['status']) => createCatalogue(models, registry, { statuses: [statusOf(status)] })
    const verdict = (status: TrackStatusRow['status'], trackId?: string) =>
      (assess({ ...context, catalogue: served(status) }, { ...DEAL, trackId }, report) as Assessment).verdict
    expect([verdict('active'), verdict('paused'), verdict('archived')]).toEqual(['ready', 'ready', 'unmatched'])
    expect([verdict('paused', 'deals'), verdict('archived', 'deals')]).toEqual(['ready', 'unknown_track'])
  })
})

describe('versions', () => {
  const QUIZ = { eventName: 'quiz.passed', eventPayload: { mastery: 1 } }

  test('the latest is meant unless one is named; a major means its latest', () => {
    expect(prepared({ ...QUIZ, eventPayload: { mastery: 1, quiz: 'q' } }).row.version).toBe('2.0.0')
    expect(prepared({ ...QUIZ, eventVersion: '1' }).row.version).toBe('1.0.0')
    expect(prepared({ eventVersion: '1.2.0' }).row.version).toBe('1.2.0')
  })

  test('the payload is what the named version says', () => {
    expect(assessed(QUIZ)).toMatchObject({ verdict: 'invalid', issues: [{ pointer: '/eventPayload/quiz' }] })
  })

  test('an unknown one is invalid, with its pointer', () => {
    for (const eventVersion of ['3', '1.0.1', '', 'latest'])
      expect(assessed({ ...QUIZ, eventVersion })).toMatchObject({ verdict: 'invalid', issues: [{ pointer: '/eventVersion' }] })
  })

  test('who may report an event depends on the version that is reported', () => {
    expect(assessed({ ...QUIZ, eventPayload: { mastery: 1, quiz: 'q' } }, ada).verdict).toBe('ready')
    expect(assessed({ ...QUIZ, eventVersion: '1' }, ada).verdict).toBe('forbidden')
  })
})

describe('times', () => {
  const at = (offset: number) => new Date(START + offset).toISOString()
  const times = (occurredAt: string | undefined, by = report) => {
    const { row } = prepared(occurredAt === undefined ? {} : { occurredAt }, by)
    return [row.occurredAt - START, row.claimedAt === null ? null : row.claimedAt - START, row.receivedAt - START]
  }

  test('an absent time is that of receipt', () => {
    expect(times(undefined)).toEqual([0, null, 0])
  })

  test('a time is taken over up to five minutes ahead; beyond that it is the receipt, and the claim is kept', () => {
    expect(times(at(-1_000))).toEqual([-1_000, null, 0])
    expect(times(at(300_000))).toEqual([300_000, null, 0])
    expect(times(at(300_001))).toEqual([0, 300_001, 0])
    expect(times('2030-01-01T00:00:00Z')).toEqual([0, Date.parse('2030-01-01T00:00:00Z') - START, 0])
  })

  test('times are whole milliseconds', () => {
    expect(times('2026-03-01T12:00:00.1239Z')).toEqual([123, null, 0])
    expect(times('2026-03-01T13:00:00+01:00')).toEqual([0, null, 0])
  })

  test('what a learner reports happened when it was received', () => {
    const PAGE = { eventName: 'page.read', eventPayload: { page: 'p' }, occurredAt: at(-60_000) }
    expect(prepared(PAGE, ada).row).toMatchObject({
      occurredAt: START,
      claimedAt: START - 60_000,
      channel: 'client',
      keyId: null,
    })
  })
})

describe('payloads', () => {
  const OPEN = { eventName: 'anything.happened' }

  test('are measured in bytes', () => {
    const fitting = { x: 'é'.repeat((LARGEST_EVENT - 8) / 2) }
    expect(assessed({ ...OPEN, eventPayload: fitting }).verdict).toBe('unmatched')
    expect(assessed({ ...OPEN, eventPayload: { x: `${fitting.x}.` } })).toEqual({
      verdict: 'too_large',
      detail: 'The payload has 32769 bytes; an event takes at most 32768.',
    })
  })

  test.each([
    ['NaN (A16)', { mastery: Number.NaN, quiz: 'q' }, 'quiz.passed', '/eventPayload/mastery'],
    ['a text for a number (A16)', { mastery: '0.9', quiz: 'q' }, 'quiz.passed', '/eventPayload/mastery'],
    ['NaN where the contract says nothing', { a: { b: Number.NaN } }, 'anything.happened', '/eventPayload/a/b'],
    ['NUL', { a: ['x\0'] }, 'anything.happened', '/eventPayload/a/0'],
    ['half a surrogate pair', { a: '\udc00' }, 'anything.happened', '/eventPayload/a'],
    ['what is no JSON', { a: 1n }, 'anything.happened', '/eventPayload/a'],
  ])('with %s are invalid, with the path', (_, eventPayload, eventName, pointer) => {
    expect(assessed({ eventName, eventPayload })).toMatchObject({ verdict: 'invalid', issues: [{ pointer }] })
  })

  test('are stored as they were sent, and the entry that is folded is the one that is stored', () => {
    const { row, entry } = prepared({ ...OPEN, eventPayload: { text: 'back\\u0000slash', gone: undefined } })
    expect(row.payload).toBe('{"text":"back\\\\u0000slash"}')
    expect(entry).toMatchObject({ name: 'anything.happened', eventId: 'made', occurredAt: START })
  })

  test('that are absent are empty', () => {
    const { row } = prepared({ learnerId: 'ada', eventName: 'pipeline.created', eventPayload: undefined })
    expect(row.payload).toBe('{}')
  })
})

describe('the row', () => {
  test('has everything that is known, and the tenant of the credential', () => {
    const { row } = prepared({ accountId: 'acc', eventId: 'e', sourceModule: 'crm', trackId: 'deals' })
    expect(row).toMatchObject({
      tenant: 'acme',
      subject: 'l:ada',
      source: 'crm',
      eventId: 'e',
      kind: 'event',
      account: 'acc',
      track: 'deals',
      channel: 'rest',
      keyId: 'key-1',
    })
  })

  test('its hash tells bodies apart, not the order of their fields', () => {
    const hashOf = (event: Partial<ReportedEvent>) => prepared({ eventId: 'e', ...event }).row.bodyHash
    const base = hashOf({})
    expect(hashOf({ eventPayload: { amount: 1, dealId: 'd' } })).toBe(base)
    const instant = hashOf({ occurredAt: '2026-03-01T12:00:00.000Z' })
    expect(hashOf({ occurredAt: '2026-03-01T13:00:00+01:00' })).toBe(instant)
    for (const other of [
      { eventPayload: { amount: 2, dealId: 'd' } },
      { occurredAt: '2026-03-01T12:00:00Z' },
      { accountId: 'a' },
      { trackId: 'deals' },
    ])
      expect(hashOf(other)).not.toBe(base)
  })
})

test('a learner acts for an account only when the token names it; a service for any', () => {
  const inNorth = { eventName: 'quiz.passed', eventPayload: { mastery: 1, quiz: 'q' }, accountId: 'north' }
  expect(assessed(inNorth, ada)).toMatchObject({ verdict: 'forbidden', detail: expect.stringContaining('account north') })
  const member: Report = { ...ada, principal: { kind: 'learner', tenant: 'acme', id: 'ada', accounts: ['north'] } }
  expect(assessed(inNorth, member).verdict).not.toBe('forbidden')
  expect(assessed({ ...inNorth, accountId: 'south' }, member).verdict).toBe('forbidden')
  expect(assessed(inNorth).verdict).not.toBe('forbidden')
})

test('the hash of a control entry does not depend on when it came', () => {
  const control = {
    name: 'waymark.enrolled',
    subject: 'l:ada',
    track: 'deals',
    eventId: 'e',
    occurredAt: START,
    claimedAt: null,
    payload: { trackId: 'deals' },
  }
  const { row, entry } = controlEntry(control, report, sha256)
  expect(row).toMatchObject({
    subject: 'l:ada',
    kind: 'control',
    source: 'waymark',
    version: '',
    keyId: 'key-1',
    claimedAt: null,
    account: null,
    actor: null,
  })
  expect(entry).toMatchObject({ payload: { trackId: 'deals' }, track: 'deals' })
  const later = controlEntry({ ...control, occurredAt: START + 1 }, { ...ada, receivedAt: START + 1 }, sha256).row
  expect(later).toMatchObject({ bodyHash: row.bodyHash, channel: 'client', keyId: null })
  const asked = controlEntry({ ...control, claimedAt: START }, report, sha256).row
  expect(asked).toMatchObject({ claimedAt: null })
  expect(asked.bodyHash).not.toBe(row.bodyHash)
})

test('a control entry can be of an account, and then says who acted', () => {
  const control = {
    name: 'waymark.skipped',
    subject: 'a:north',
    account: 'north',
    actor: 'l:ada',
    track: 'deals',
    eventId: 'e',
    occurredAt: START,
    claimedAt: null,
    payload: { trackId: 'deals', stepId: 's1' },
  }
  expect(controlEntry(control, report, sha256).row).toMatchObject({ subject: 'a:north', account: 'north', actor: 'l:ada' })
})
