import { createClient } from 'graphql-sse'
import { afterEach, describe, expect, it } from 'vitest'
import { FACTS_EACH, sendFirstEvents } from '../server/first-facts.ts'
import { LEARNER_SECRET, signLearnerToken } from '../server/learner-token.ts'
import { ServerProcess } from '../server/server-process.ts'

interface Fact {
  readonly cursor: string
  readonly factId: string
  readonly name: string
  readonly learnerId: string
}

interface Told {
  readonly learningOnboardingWatchFacts: Fact
}

const WATCH = `subscription ($input: LearningOnboardingWatchFactsInput) {
  learningOnboardingWatchFacts(input: $input) { cursor factId name learnerId }
}`

const servers: ServerProcess[] = []
const followers: { dispose(): void }[] = []
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.dispose()
  for (const server of servers.splice(0)) await server.remove()
})

async function start(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
  servers.push(server)
  return server
}

/** Follows with a client that knows nothing of Waymark. */
function follow(server: ServerProcess, credential: string, input: object = {}) {
  let isOpen = () => {}
  const open = new Promise<void>((resolve) => {
    isOpen = resolve
  })
  const client = createClient({
    url: `${server.url}/graphql`,
    headers: { authorization: `Bearer ${credential}` },
    retryAttempts: 0,
    on: { connected: () => isOpen() },
  })
  followers.push(client)
  const results = client.iterate<Told>({ query: WATCH, variables: { input } })
  return {
    open,
    results,
    /** Resolves with the next facts. */
    async take(count: number): Promise<Fact[]> {
      const facts: Fact[] = []
      while (facts.length < count) {
        const { done, value } = await results.next()
        if (done === true || value.errors) throw new Error(`The stream ended after ${facts.length}: ${JSON.stringify(value)}`)
        facts.push(value.data?.learningOnboardingWatchFacts as Fact)
      }
      return facts
    },
  }
}

describe('a subscription to facts', () => {
  it('tells them to the tenant and to one learner, and goes on behind a cursor', async () => {
    const server = await start()
    const tenant = follow(server, server.key)
    const learner = follow(server, await signLearnerToken('bob'), { learnerId: 'bob' })
    const first = Promise.all([tenant.take(2 * FACTS_EACH), learner.take(FACTS_EACH)])
    await Promise.all([tenant.open, learner.open])
    await sendFirstEvents(server, ['ada', 'bob'])
    const [all, own] = await first
    expect(own).toEqual(all.filter(({ learnerId }) => learnerId === 'bob'))
    expect(own.map(({ name }) => name.replace('learning.onboarding.', ''))).toEqual([
      'enrolled',
      'step.completed',
      'xp.granted',
      'step.completed',
      'xp.granted',
    ])
    const again = follow(server, server.key, { after: all[3]?.cursor })
    expect(await again.take(2 * FACTS_EACH - 4)).toEqual(all.slice(4))
  })

  it('of everything about a person ends with the last part', async () => {
    const server = await start()
    await sendFirstEvents(server, ['ada'])
    const client = createClient({ url: `${server.url}/graphql`, headers: { authorization: `Bearer ${server.key}` } })
    followers.push(client)
    const query = `subscription ($input: LearningOnboardingExportLearnerInput!) {
      learningOnboardingExportLearner(input: $input) { part }
    }`
    const parts: unknown[] = []
    for await (const { data } of client.iterate({ query, variables: { input: { learnerId: 'ada' } } })) parts.push(data)
    expect(parts.at(-1)).toEqual({ learningOnboardingExportLearner: { part: 'manifest' } })
    expect(parts.length).toBeGreaterThan(FACTS_EACH)
  })

  it('is nobody else’s, shares the places of all streams, and ends with the server', async () => {
    const server = await start()
    const token = await signLearnerToken('ada')
    const other = await follow(server, token, { learnerId: 'bob' }).results.next()
    expect(other.value.errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', status: 403 })
    const path = `${server.url}/v1/learning/onboarding/watchFacts?learnerId=ada`
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    const overRest = await Promise.all(Array.from({ length: 49 }, () => fetch(path, { headers })))
    const last = follow(server, token, { learnerId: 'ada' })
    const ended = last.results.next()
    await last.open
    const refused = await follow(server, token, { learnerId: 'ada' }).results.next()
    expect(refused.value.errors[0].extensions).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfter: 10 })
    expect((await fetch(path, { headers })).status).toBe(429)
    await Promise.all(overRest.map((response) => response.body?.cancel()))
    const [code] = await Promise.all([server.end('SIGTERM'), ended.catch(() => {})])
    expect(code).toBe(0)
  })
})
