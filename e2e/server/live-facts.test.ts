import { afterEach, describe, expect, it } from 'vitest'
import { FACTS_EACH, sendFirstEvents } from './first-facts.ts'
import { type Fact, Follower } from './follower.ts'
import { LEARNER_SECRET, signLearnerToken } from './learner-token.ts'
import { ServerProcess } from './server-process.ts'

const servers: ServerProcess[] = []
const followers: Follower[] = []
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.kill()
  for (const server of servers.splice(0)) await server.remove()
})

async function start(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ env: { WAYMARK_LEARNER_SECRET: LEARNER_SECRET } })
  servers.push(server)
  return server
}

function follow(server: ServerProcess, credential: string, learnerId?: string): Follower {
  const follower = new Follower(server.url, credential, learnerId)
  followers.push(follower)
  return follower
}

const idsOf = (facts: readonly Fact[]) => facts.map(({ factId }) => factId)

describe('facts that are followed', () => {
  it('come without a gap or a repeat, to the tenant and to one learner, however often connections are killed', async () => {
    const server = await start()
    const steady = follow(server, server.key)
    const tenant = follow(server, server.key)
    const learner = follow(server, await signLearnerToken('person-7'), 'person-7')
    await Promise.all([steady, tenant, learner].map((follower) => follower.connect()))
    const people = Array.from({ length: 60 }, (_, index) => `person-${index}`)
    for (let batch = 0; batch < 12; batch++) {
      const sent = sendFirstEvents(server, people.slice(batch * 5, batch * 5 + 5))
      // Each time a little later, in the middle of what comes.
      await tenant.until(({ facts }) => facts.length >= batch * 5 * FACTS_EACH + batch)
      tenant.kill()
      if (batch % 3 === 1) learner.kill()
      await sent
      await tenant.connect()
      if (batch % 3 === 1) await learner.connect()
    }
    const expected = people.length * FACTS_EACH
    await Promise.all([steady, tenant].map((follower) => follower.until(({ facts }) => facts.length >= expected)))
    await learner.until(({ facts }) => facts.length >= FACTS_EACH)
    expect(new Set(idsOf(steady.facts)).size).toBe(expected)
    expect(idsOf(tenant.facts)).toEqual(idsOf(steady.facts))
    expect(idsOf(learner.facts)).toEqual(idsOf(steady.facts.filter(({ learnerId }) => learnerId === 'person-7')))
    expect(learner.facts.map(({ name, cause }) => `${name.replace('learning.onboarding.', '')} ${cause.eventId}`)).toEqual([
      'enrolled person-7-1',
      'step.completed person-7-1',
      'xp.granted person-7-1',
      'step.completed person-7-2',
      'xp.granted person-7-2',
    ])
  })

  it('are found again behind the last id after the server was killed', async () => {
    const server = await start()
    const before = follow(server, server.key)
    await before.connect()
    await sendFirstEvents(server, ['ada'])
    await before.until(({ facts }) => facts.length === FACTS_EACH)
    const [first] = before.facts
    await server.end('SIGKILL')
    await server.start()
    await sendFirstEvents(server, ['bob'])
    const response = await fetch(`${server.url}/v1/learning/onboarding/watchFacts`, {
      headers: {
        accept: 'application/x-ndjson',
        authorization: `Bearer ${server.key}`,
        'last-event-id': first?.cursor ?? '',
      },
    })
    const facts: Fact[] = []
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
      text = lines.pop() ?? ''
      facts.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line)))
      if (facts.length === 2 * FACTS_EACH - 1) break
    }
    expect(idsOf(facts.slice(0, 4))).toEqual(idsOf(before.facts.slice(1)))
    expect(new Set(facts.slice(4).map(({ learnerId }) => learnerId))).toEqual(new Set(['bob']))
  })

  it('are nobody else’s, and not for a token that is over', async () => {
    const server = await start()
    const token = await signLearnerToken('ada')
    expect((await follow(server, token, 'bob').connect()).status).toBe(403)
    expect((await follow(server, token).connect()).status).toBe(403)
    expect((await follow(server, 'wm_sk_unknown', 'ada').connect()).status).toBe(401)
    // The server admits a token for half a minute more; of that a few seconds are left.
    const short = follow(server, await signLearnerToken('ada', -24), 'ada')
    expect((await short.connect()).status).toBe(200)
    await short.ended()
    expect((await short.connect()).status).toBe(401)
  })
})

describe('a server with 50 streams of one credential', () => {
  it('takes no more of it, gives signs of life, and ends them all when it stops: exit code 0', async () => {
    const server = await start()
    const open = Array.from({ length: 50 }, () => follow(server, server.key))
    await Promise.all(open.map((follower) => follower.connect()))
    const refused = await follow(server, server.key).connect()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', detail: expect.stringContaining('50 streams') })
    const other = follow(server, await signLearnerToken('ada'), 'ada')
    expect((await other.connect()).status).toBe(200)
    await Promise.all(open.map((follower) => follower.until(({ heartbeats }) => heartbeats > 0)))
    expect(await server.end('SIGTERM')).toBe(0)
    await Promise.all([...open, other].map((follower) => follower.ended()))
  })
})
