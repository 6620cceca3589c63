import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LEARNER_SECRET, signLearnerToken } from '../server/learner-token.ts'
import { ServerProcess } from '../server/server-process.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
})
afterAll(() => server.remove())

async function send(query: string, input: object, credential = server.key, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables: { input } }),
  })
  return response.json() as Promise<{ readonly data: Record<string, never>; readonly errors?: readonly never[] }>
}

const RECORD = `mutation ($input: LearningOnboardingRecordEventInput!) {
  learningOnboardingRecordEvent(input: $input) { duplicate eventId outcomes { stepId verdict } }
}`

describe('a journey over GraphQL', () => {
  it('records events, by the Idempotency-Key once, and shows the progress as REST does', async () => {
    const input = { learnerId: 'ada', eventName: 'pipeline.created', eventPayload: { pipelineId: 'p', name: 'New' } }
    const key = { 'idempotency-key': 'first' }
    const first = await send(RECORD, input, server.key, key)
    expect(first).toMatchObject({ data: { learningOnboardingRecordEvent: { duplicate: false, eventId: 'first' } } })
    const again = await send(RECORD, input, server.key, key)
    expect(again).toMatchObject({ data: { learningOnboardingRecordEvent: { duplicate: true } } })
    const query = `query ($input: LearningOnboardingGetProgressInput!) {
      learningOnboardingGetProgress(input: $input) { xp tracks { trackId percent steps { stepId status completedAt } } }
    }`
    const { data } = await send(query, { learnerId: 'ada' }, await signLearnerToken('ada'))
    const overRest = await fetch(`${server.url}/v1/learning/onboarding/getProgress?learnerId=ada`, {
      headers: { authorization: `Bearer ${server.key}` },
    })
    expect(await overRest.json()).toMatchObject(data.learningOnboardingGetProgress ?? {})
  })

  it('takes calls of several kinds in one list, each with the fields of its kind', async () => {
    const query = `mutation ($input: LearningOnboardingIngestInput!) {
      learningOnboardingIngest(input: $input) { results { index status problem { code } } }
    }`
    const events = [
      { learnerId: 'eve', eventName: 'contact.created', eventPayload: { contactId: 'c' } },
      { type: 'alias', learnerId: 'eve', previousId: 'anon:1' },
      { type: 'alias', learnerId: 'eve', eventName: 'contact.created' },
    ]
    const { data, errors } = await send(query, { events })
    expect(errors).toBeUndefined()
    const { results } = data.learningOnboardingIngest as unknown as { readonly results: readonly { readonly status: string }[] }
    expect(results.map(({ status }) => status)).toEqual(['recorded', 'recorded', 'invalid'])
  })

  it('explains with every kind of detail, each as its own type', async () => {
    const query = `query ($input: LearningOnboardingExplainInput!) {
      learningOnboardingExplain(input: $input) {
        steps { stepId missing { __typename ... on MissingPartEvent { kind event more } ... on MissingPartSteps { kind } } }
      }
    }`
    const { data, errors } = await send(query, { learnerId: 'bob', trackId: 'first-win' })
    expect(errors).toBeUndefined()
    const { steps } = data.learningOnboardingExplain as unknown as {
      readonly steps: readonly { readonly missing: readonly object[] }[]
    }
    expect(steps.flatMap(({ missing }) => missing)).toContainEqual({
      __typename: 'MissingPartEvent',
      kind: 'event',
      event: 'contact.created',
      more: 1,
    })
  })

  it('refuses as the contract does', async () => {
    const query = 'mutation ($input: LearningOnboardingEnrollInput!) { learningOnboardingEnroll(input: $input) { enrolled } }'
    const { data, errors } = await send(query, { learnerId: 'ada', trackId: 'first-wim' })
    expect(data).toEqual({ learningOnboardingEnroll: null })
    expect(errors).toMatchObject([
      { extensions: { code: 'TRACK_NOT_FOUND', status: 404, data: { trackId: 'first-wim', nearest: ['first-win'] } } },
    ])
    const other = await send(RECORD, { learnerId: 'bob', eventName: 'pipeline.created' }, await signLearnerToken('ada'))
    expect(other.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', status: 403 } }])
  })

  it('has its schema at a path of its own', async () => {
    const response = await fetch(`${server.url}/schema.graphql`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(await response.text()).toContain('learningOnboardingRecordEvent(input: LearningOnboardingRecordEventInput!)')
  })
})
