import type { ServerProcess } from './server-process.ts'

/** How many facts `sendFirstEvents` brings about for each person: enrolled, and completed with points for each of two steps. */
export const FACTS_EACH = 5

/** Sends the first two events of some people through the Segment endpoint, in one batch. */
export async function sendFirstEvents({ url, key }: ServerProcess, people: readonly string[]): Promise<void> {
  const timestamp = new Date().toISOString()
  const batch = people.flatMap((userId) => [
    {
      type: 'track',
      messageId: `${userId}-1`,
      userId,
      timestamp,
      event: 'pipeline.created',
      properties: { pipelineId: 'p', name: 'New' },
    },
    { type: 'track', messageId: `${userId}-2`, userId, timestamp, event: 'contact.created', properties: { contactId: 'c' } },
  ])
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  })
  const { results } = (await response.json()) as { readonly results: readonly { readonly status: string }[] }
  const other = results.find(({ status }) => status !== 'recorded')
  if (other !== undefined) throw new Error(`An event was not recorded: ${JSON.stringify(other)}`)
}
