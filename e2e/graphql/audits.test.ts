import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../server/server-process.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start()
})
afterAll(() => server.remove())

/** What the working group asks of every server: https://graphql.github.io/graphql-over-http/draft/ */
const audits = serverAudits({ url: () => `${server.url}/graphql` })

describe('GraphQL over HTTP', () => {
  it('has all the audits, so that a newer set is looked at', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_, audit) => {
    const result = await audit.fn()
    const reason = 'reason' in result ? `${result.reason}: ${await result.response.clone().text()}` : undefined
    expect([result.status, reason]).toEqual(['ok', undefined])
  })
})
