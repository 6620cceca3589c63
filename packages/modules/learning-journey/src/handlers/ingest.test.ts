import { describe, expect, test } from 'vitest'
import { START, track } from '../../test-support/entries.ts'
import { SERVICE, startJourney } from '../../test-support/journey-process.ts'
import { GetProgressContract, IngestContract } from '../contracts/onboarding.ts'

const TRACKS = [track([{ key: 'pipeline', complete: { event: 'pipeline.created', atLeast: 2 } }], { key: 'first-win' })]
const PIPELINE = { learnerId: 'ada', eventName: 'pipeline.created' }

async function ingest(events: readonly unknown[], envelope = {}) {
  const started = await startJourney(TRACKS)
  const { results } = await started.ok(IngestContract, { events: [...events] }, envelope)
  return { ...started, results, statuses: results.map(({ status }) => status) }
}

describe('a batch', () => {
  test('gives each of its items a status, whatever is wrong with the others', async () => {
    const { results, store, ok } = await ingest([
      { ...PIPELINE, eventId: 'e0' },
      { ...PIPELINE, eventId: 'e0' },
      { ...PIPELINE, eventId: 'e0', accountId: 'other' },
      { learnerId: 'ada', eventName: 'page.read', eventPayload: { page: 'p' }, eventId: 'e3' },
      { learnerId: 'ada', eventName: 'pipeline.craeted', eventId: 'e4' },
      { learnerId: 'ada', eventName: 'deal.created', eventPayload: { dealId: 'd', amount: 'much' }, eventId: 'e5' },
      { learnerId: 'a\0b', eventName: 'pipeline.created', eventId: 'e6' },
      { learnerId: 'ada', eventName: 'anything.happened', eventPayload: { x: 'y'.repeat(40_000) }, eventId: 'e7' },
      { learnerId: 'ada', eventName: 'waymark.enrolled', eventId: 'e8' },
      { ...PIPELINE, trackId: 'frist-win', eventId: 'e9' },
      null,
      'text',
      { type: 'page', eventId: 'e12' },
      { type: 'constructor' },
      { ...PIPELINE, type: 'event', eventId: 'e14' },
    ])
    expect(results.map(({ status, eventId, problem }) => `${status} ${eventId} ${problem?.code ?? ''}`)).toEqual([
      'recorded e0 ',
      'duplicate e0 ',
      'conflict e0 CONFLICT',
      'unmatched e3 ',
      'unknown e4 EVENT_UNKNOWN',
      'invalid e5 VALIDATION_FAILED',
      'invalid e6 VALIDATION_FAILED',
      'too_large e7 PAYLOAD_TOO_LARGE',
      'forbidden e8 FORBIDDEN',
      'invalid e9 TRACK_NOT_FOUND',
      'invalid null VALIDATION_FAILED',
      'invalid null VALIDATION_FAILED',
      'invalid e12 VALIDATION_FAILED',
      'invalid null VALIDATION_FAILED',
      'recorded e14 ',
    ])
    expect(results.map(({ index }) => index)).toEqual(results.map((_, index) => index))
    expect(results[4]?.problem?.detail).toContain('Did you mean pipeline.created?')
    expect(results[5]?.problem?.errors).toMatchObject([
      { pointer: '/eventPayload/amount', expected: 'number', received: 'string' },
    ])
    expect(results[6]?.problem?.errors).toMatchObject([{ pointer: '/learnerId' }])
    expect(results[12]?.problem?.detail).toBe('/type: expected one of event, identify, group, alias, received "page"')
    expect(store.entries.map(({ eventId }) => eventId)).toEqual(['e0', 'e14', 'e3'])
    expect(await ok(GetProgressContract, { learnerId: 'ada' })).toMatchObject({ tracks: [{ status: 'completed' }] })
  })

  test('keeps what is invalid, too large or forbidden with its problem; an unknown event is not stored', async () => {
    const { store } = await ingest([
      { learnerId: 'ada', eventName: 'deal.created', eventPayload: { amount: Number.NaN }, eventId: 'bad' },
      { learnerId: 'ada', eventName: 'nobody.declares' },
      { learnerId: 'ada', eventName: 'anything.happened', eventPayload: { x: 'é'.repeat(70_000) } },
      { eventName: 'waymark.merged', learnerId: 'ada' },
      7,
    ])
    expect(
      store.rejected.map(({ eventId, name, tenant, channel, keyId, receivedAt }) => ({
        eventId,
        name,
        tenant,
        channel,
        keyId,
        receivedAt,
      })),
    ).toEqual(
      [
        { eventId: 'bad', name: 'deal.created' },
        { eventId: 'id-000004', name: 'anything.happened' },
        { eventId: 'id-000006', name: 'waymark.merged' },
        { eventId: 'id-000008', name: null },
      ].map((row) => ({ ...row, tenant: 'acme', channel: 'rest', keyId: 'key-1', receivedAt: START })),
    )
    expect(JSON.parse(store.rejected[0]?.problem ?? '')).toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(JSON.parse(store.rejected[0]?.body ?? '')).toMatchObject({ eventId: 'bad' })
    expect(JSON.parse(store.rejected[1]?.body ?? '')).toEqual({ truncated: expect.stringContaining('anything.happened') })
    expect(store.rejected[1]?.body.length).toBeLessThan(70_000)
    expect(store.rejected[3]?.body).toBe('7')
  })

  test('goes to the store in one append, and costs no second one when all of it is refused', async () => {
    const { store } = await ingest([...Array(300)].map((_, index) => ({ ...PIPELINE, eventId: `e${index}` })))
    expect(store.appends.map((rows) => rows.length)).toEqual([300])
    const refused = await ingest([1, 2, 3])
    expect(refused.store.appends).toEqual([[]])
    expect(refused.store.rejected).toHaveLength(3)
  })

  test('that nobody can send over the wire is survived too', async () => {
    const circle: Record<string, unknown> = { eventId: 'c', learnerId: 'ada', eventName: 'anything.happened' }
    circle.eventPayload = { circle }
    const { statuses, store } = await ingest([undefined, 1n, circle, { ...PIPELINE, eventId: 'ok' }])
    expect(statuses).toEqual(['invalid', 'invalid', 'invalid', 'recorded'])
    expect(store.rejected.map(({ body }) => body)).toEqual(['null', 'null', 'null'])
  })

  test('without items has no results', async () => {
    const { ok } = await startJourney(TRACKS)
    expect(await ok(IngestContract, { events: [] })).toEqual({ success: true, results: [] })
  })

  test('says what a door refused, under the id of the item', async () => {
    const { ok, store } = await startJourney(TRACKS)
    const spoiled = { type: 'event', eventId: 'deep', refused: '/properties/x: Nested more than 32 levels deep' }
    const { results } = await ok(IngestContract, { events: [spoiled, { ...PIPELINE, eventId: 'ok' }] })
    expect(results).toMatchObject([
      { eventId: 'deep', status: 'invalid', problem: { code: 'VALIDATION_FAILED', detail: spoiled.refused } },
      { eventId: 'ok', status: 'recorded' },
    ])
    expect(store.rejected).toMatchObject([{ eventId: 'deep' }])
  })

  test('is refused as a whole only where it is no batch', async () => {
    const { problem, store } = await startJourney(TRACKS)
    for (const input of [{}, { events: {} }, { events: Array(501).fill(PIPELINE) }])
      expect(await problem(IngestContract, input as { events: unknown[] })).toMatchObject({ status: 422 })
    expect(await problem(IngestContract, { events: [PIPELINE] }, { inputBytes: 1_048_577 })).toMatchObject({ status: 413 })
    expect(
      await problem(IngestContract, { events: [PIPELINE] }, { principal: { kind: 'learner', tenant: 'acme', id: 'ada' } }),
    ).toMatchObject({ status: 403 })
    expect(store.appends).toEqual([])
  })

  test('has an id for each item that names none: new ones, or from the idempotency key, the same again', async () => {
    const events = [PIPELINE, { ...PIPELINE, eventId: 'own' }, PIPELINE]
    expect((await ingest(events)).results.map(({ eventId }) => eventId)).toEqual([
      expect.stringMatching(/^id-/),
      'own',
      expect.stringMatching(/^id-/),
    ])
    const { ok, results } = await ingest(events, { idempotencyKey: 'key' })
    expect(results.map(({ eventId }) => eventId)).toEqual(['key:0', 'own', 'key:2'])
    expect((await ok(IngestContract, { events }, { idempotencyKey: 'key' })).results.map(({ status }) => status)).toEqual(
      Array(3).fill('duplicate'),
    )
  })

  test('with an idempotency key of the longest kind has ids that are no longer than ids are', async () => {
    const { results, statuses } = await ingest([PIPELINE, PIPELINE], { idempotencyKey: 'k'.repeat(255) })
    expect(statuses).toEqual(['recorded', 'recorded'])
    for (const { eventId } of results) expect(eventId?.length).toBeLessThanOrEqual(256)
    expect(results[0]?.eventId).not.toBe(results[1]?.eventId)
  })

  test('of another tenant is another tenant’s', async () => {
    const { store } = await ingest([{ ...PIPELINE, tenant: 'evil' }], { principal: { ...SERVICE, tenant: 'globex' } })
    expect(store.entries).toMatchObject([{ tenant: 'globex' }])
  })
})

describe('what is known of a person', () => {
  test('is stored as control entries of their journal', async () => {
    const occurredAt = '2026-02-01T00:00:00Z'
    const { statuses, store } = await ingest([
      { type: 'identify', learnerId: 'ada', traits: { plan: 'pro' }, anonymousId: 'anon', eventId: 'i', occurredAt },
      { type: 'group', learnerId: 'ada', accountId: 'acc', traits: { size: 3 } },
      { type: 'alias', learnerId: 'ada', previousId: 'former', occurredAt: '2030-01-01T00:00:00Z' },
    ])
    expect(statuses).toEqual(['recorded', 'recorded', 'recorded'])
    const account = store.entries.filter(({ subject }) => subject === 'a:acc')
    expect(account).toMatchObject([{ name: 'waymark.identified', actor: 'l:ada', payload: '{"traits":{"size":3}}' }])
    const rows = store.entries.filter((row) => !account.includes(row)).sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(rows.map(({ payload, ...row }) => ({ ...row, payload: JSON.parse(payload ?? '') }))).toMatchObject([
      { name: 'waymark.grouped', account: 'acc', occurredAt: START, payload: { accountId: 'acc' } },
      { name: 'waymark.identified', eventId: 'i', occurredAt: Date.parse(occurredAt), payload: { traits: { plan: 'pro' } } },
      { name: 'waymark.merged', occurredAt: START, payload: { learnerId: 'anon' } },
      { name: 'waymark.merged', occurredAt: START, payload: { learnerId: 'former' } },
    ])
    for (const row of rows)
      expect(row).toMatchObject({ kind: 'control', source: 'waymark', version: '', subject: 'l:ada', track: null })
    expect(await store.readState({ tenant: 'acme', subject: 'l:ada' })).toBeNull()
  })

  test('is checked like any event: it costs its neighbours nothing', async () => {
    const { results, store } = await ingest([
      { type: 'identify', learnerId: 'ada', traits: { name: 'a\0b' } },
      { type: 'identify', learnerId: 'ada', traits: { age: Number.NaN } },
      { type: 'group', learnerId: 'ada', accountId: 'acc', traits: { x: 'y'.repeat(40_000) } },
      { type: 'group', learnerId: 'ada' },
      { type: 'alias', learnerId: 'ada', previousId: '' },
      { type: 'identify', learnerId: 'ada', occurredAt: '1960-01-01T00:00:00Z' },
      { type: 'identify', learnerId: 'ada', traits: { fine: true }, eventId: 'ok' },
    ])
    expect(results.map(({ status, problem }) => `${status} ${problem?.errors?.[0]?.pointer ?? ''}`)).toEqual([
      'invalid /traits/name',
      'invalid /traits/age',
      'too_large ',
      'invalid /accountId',
      'invalid /previousId',
      'invalid /occurredAt',
      'recorded ',
    ])
    expect(store.entries.map(({ eventId }) => eventId)).toEqual(['ok'])
    expect(store.rejected).toHaveLength(6)
  })
})

describe('an import', () => {
  const OLD = { ...PIPELINE, occurredAt: '2020-01-01T00:00:00Z' }
  const CURRENT = [
    { ...OLD, eventId: 'a' },
    { ...OLD, eventId: 'b' },
  ]

  test('counts at any age, and what it brings about is backfilled', async () => {
    const { ok, store } = await startJourney(TRACKS)
    await ok(IngestContract, { events: CURRENT })
    expect(store.facts).toEqual([])
    await ok(IngestContract, { events: CURRENT.map((event) => ({ ...event, eventId: `${event.eventId}2` })), import: true })
    expect(store.entries.map(({ channel }) => channel)).toEqual(['rest', 'rest', 'import', 'import'])
    expect(store.facts.map(({ name, backfilled }) => `${name.split('.').at(-1)} ${backfilled}`)).toEqual([
      'enrolled true',
      'completed true',
      'completed true',
    ])
  })

  test('says nothing of facts that came otherwise', async () => {
    const { ok, store } = await startJourney(TRACKS)
    await ok(IngestContract, { events: [{ ...OLD, eventId: 'a' }], import: true })
    await ok(IngestContract, { events: [{ ...PIPELINE, eventId: 'b' }], import: false })
    expect(store.facts.map(({ backfilled }) => backfilled)).toEqual([true, false, false])
  })

  test('needs a scope of its own, and is refused without it whole', async () => {
    const { problem, ok, store } = await startJourney(TRACKS)
    const principal = { ...SERVICE, scopes: ['learning.onboarding.*'] }
    expect(await problem(IngestContract, { events: CURRENT, import: true }, { principal })).toMatchObject({
      code: 'FORBIDDEN',
      detail: expect.stringContaining('events:import'),
    })
    expect(store.appends).toEqual([])
    const both = { ...SERVICE, scopes: ['learning.onboarding.ingest', 'events:import'] }
    await ok(IngestContract, { events: CURRENT, import: true }, { principal: both })
  })
})
