/** The two questions that the script asks Waymark, over plain HTTP. */

export interface Outcome {
  readonly trackId: string
  readonly stepId: string
  readonly verdict: string
  readonly reason: string | null
}

export interface Progress {
  readonly xp: number
  readonly badges: readonly string[]
  readonly tracks: readonly {
    readonly trackId: string
    readonly percent: number
    readonly status: string
    readonly steps: readonly { readonly stepId: string; readonly status: string }[]
  }[]
}

export interface Server {
  readonly url: string
  readonly key: string
}

export function getProgress(server: Server, learnerId: string): Promise<Progress> {
  return query(server, 'getProgress', { learnerId })
}

/** What one event did to each step, and why. */
export async function explain(server: Server, learnerId: string, eventId: string): Promise<readonly Outcome[]> {
  const { outcomes } = await query<{ outcomes: readonly Outcome[] }>(server, 'explain', { learnerId, eventId })
  return outcomes
}

async function query<T>({ url, key }: Server, operation: string, input: Record<string, string>): Promise<T> {
  const response = await fetch(`${url}/v1/learning/onboarding/${operation}?${new URLSearchParams(input)}`, { headers: { authorization: `Bearer ${key}` } })
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
