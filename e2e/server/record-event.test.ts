import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LEARNER_SECRET, signLearnerToken } from './learner-token.ts'
import { ServerProcess } from './server-process.ts'

const pipeline = { pipelineId: 'p-1', name: 'New business' }
let server: ServerProcess

beforeAll(async () => {
  server = await ServerProcess.start({ env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
})
afterAll(() => server.remove())

describe('POST /v1/learning/onboarding/recordEvent', () => {
  it('answers an unknown track with 404 TRACK_NOT_FOUND and the nearest names', async () => {
    const { status, headers, body } = await server.call('recordEvent', {
      learnerId: 'a',
      eventName: 'pipeline.created',
      trackId: 'first-wim',
      eventPayload: pipeline,
    })
    expect(status).toBe(404)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ code: 'TRACK_NOT_FOUND', status: 404, data: { trackId: 'first-wim', nearest: ['first-win'] } })
  })

  it('answers an event that no step listens to with 404 STEP_NOT_FOUND, names the nearest, and stores nothing', async () => {
    const { status, body } = await server.call('recordEvent', { learnerId: 'b', eventName: 'deal.create', eventId: 'e-1' })
    expect(status).toBe(404)
    expect(body).toMatchObject({
      code: 'STEP_NOT_FOUND',
      data: { eventName: 'deal.create', nearest: expect.arrayContaining(['deal.created']) },
    })
    const explained = await server.call('explain', { learnerId: 'b', eventId: 'e-1' })
    expect(explained).toMatchObject({ status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  })

  it('answers 200 with the reason when a filter refuses, a step is locked, or it is done', async () => {
    const deal = { dealId: 'd-1', pipelineId: 'p-1', currency: 'EUR' }
    const small = await server.call('recordEvent', {
      learnerId: 'c',
      eventName: 'deal.created',
      eventPayload: { ...deal, amount: 10 },
    })
    expect(small).toMatchObject({
      status: 200,
      body: {
        success: true,
        xpEarned: 0,
        outcomes: [{ stepId: 'create-deal', verdict: 'unchanged', reason: 'condition_false' }],
      },
    })
    expect(small.body.outcomes[0].detail.parts[1].checks).toContainEqual({
      check: 'where',
      met: false,
      operator: 'gte',
      expected: 1000,
      actual: 10,
      from: '/eventPayload/amount',
    })
    const locked = await server.call('recordEvent', {
      learnerId: 'c',
      eventName: 'deal.created',
      eventPayload: { ...deal, amount: 5000 },
    })
    expect(locked.body.outcomes).toMatchObject([{ stepId: 'create-deal', verdict: 'progressed', reason: 'prerequisite' }])
    await server.call('recordEvent', { learnerId: 'c', eventName: 'pipeline.created', eventPayload: pipeline })
    const again = await server.call('recordEvent', { learnerId: 'c', eventName: 'pipeline.created', eventPayload: pipeline })
    expect(again.body.outcomes).toMatchObject([{ stepId: 'create-pipeline', verdict: 'unchanged', reason: 'already_done' }])
  })

  it('refuses another person with 403, no credential with 401, and a server event from a learner with 403', async () => {
    const token = await signLearnerToken('ann')
    const other = await server.call(
      'recordEvent',
      { learnerId: 'bob', eventName: 'pipeline.created' },
      { authorization: `Bearer ${token}` },
    )
    expect(other).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', detail: expect.stringContaining('SUBJECT_MISMATCH') } })
    const own = await server.call(
      'recordEvent',
      { learnerId: 'ann', eventName: 'pipeline.created' },
      { authorization: `Bearer ${token}` },
    )
    expect(own).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    const progress = await server.call('getProgress', { learnerId: 'ann' }, { authorization: `Bearer ${token}` })
    expect(progress).toMatchObject({ status: 200, body: { xp: 0 } })
    const anonymous = await server.call('recordEvent', { learnerId: 'ann', eventName: 'pipeline.created' }, {})
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(anonymous.headers.get('www-authenticate')).toContain('Bearer')
  })

  it('answers malformed input with 422 and a JSON Pointer for each issue', async () => {
    const { status, body } = await server.call('recordEvent', { learnerId: '', eventName: 7, occurredAt: 'yesterday' })
    expect(status).toBe(422)
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/eventName',
      '/learnerId',
      '/occurredAt',
    ])
    const payload = await server.call('recordEvent', { learnerId: 'a', eventName: 'pipeline.created', eventPayload: { name: 1 } })
    expect(payload).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED' } })
    expect(payload.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toContain('/eventPayload/pipelineId')
  })

  it('takes the Idempotency-Key as the id of an event that has none', async () => {
    const headers = { authorization: `Bearer ${server.key}`, 'idempotency-key': 'key-1' }
    const event = { learnerId: 'd', eventName: 'pipeline.created', eventPayload: pipeline }
    expect((await server.call('recordEvent', event, headers)).body).toMatchObject({
      eventId: 'key-1',
      duplicate: false,
      xpEarned: 20,
    })
    expect((await server.call('recordEvent', event, headers)).body).toMatchObject({
      eventId: 'key-1',
      duplicate: true,
      xpEarned: 0,
    })
    expect(await server.call('recordEvent', { ...event, eventPayload: { ...pipeline, name: 'Other' } }, headers)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    })
  })

  it('answers 200 requests at once with one result each', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        server.call('recordEvent', {
          learnerId: `many-${index % 20}`,
          eventName: 'task.completed',
          eventId: `t-${index}`,
          eventPayload: { taskId: `t-${index}`, kind: 'call' },
        }),
      ),
    )
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(new Set(answers.map(({ body }) => body.eventId)).size).toBe(200)
  })
})
