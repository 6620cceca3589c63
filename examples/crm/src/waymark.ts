/** The questions that the script asks Waymark, over plain HTTP. */

export interface Progress {
  readonly xp: number
  readonly badges: readonly string[]
  readonly tracks: readonly { readonly trackId: string; readonly percent: number; readonly status: string }[]
}

/** A step as it stands: its status, and the tree that says why. */
export interface Step {
  readonly stepId: string
  readonly status: 'locked' | 'open' | 'completed'
  readonly detail: Detail
}

export interface Outcome {
  readonly stepId: string
  readonly verdict: string
  readonly reason: string | null
}

export type Detail =
  | {
      readonly node: 'after'
      readonly met: boolean
      readonly any: boolean
      readonly steps: readonly { readonly stepId: string; readonly met: boolean }[]
    }
  | { readonly node: 'event'; readonly met: boolean; readonly event: string; readonly expected: number; readonly actual: number }
  | { readonly node: 'all' | 'any' | 'sequence'; readonly met: boolean; readonly parts: readonly Detail[] }

export interface Server {
  readonly url: string
  readonly key: string
}

export function getProgress(server: Server, learnerId: string): Promise<Progress> {
  return query(server, 'getProgress', { learnerId })
}

/** What one event did to the steps that listen to it. */
export async function explainEvent(server: Server, learnerId: string, eventId: string): Promise<readonly Outcome[]> {
  return (await query<{ outcomes: readonly Outcome[] }>(server, 'explain', { learnerId, eventId })).outcomes
}

/** Every step of the learner's tracks as it stands now. */
export async function explainSteps(server: Server, learnerId: string): Promise<readonly Step[]> {
  return (await query<{ steps: readonly Step[] }>(server, 'explain', { learnerId })).steps
}

/** What a step still wants, in words. */
export function missing(detail: Detail): string {
  if (detail.met) return ''
  if (detail.node === 'event') return `${detail.event} (${detail.actual} of ${detail.expected})`
  if (detail.node === 'after') {
    return `${detail.steps
      .filter(({ met }) => !met)
      .map(({ stepId }) => stepId)
      .join(detail.any ? ' or ' : ' and ')} first`
  }
  return detail.parts
    .map(missing)
    .filter(Boolean)
    .join(detail.node === 'any' ? ' or ' : ', ')
}

async function query<T>({ url, key }: Server, operation: string, input: Record<string, string>): Promise<T> {
  const response = await fetch(`${url}/v1/learning/onboarding/${operation}?${new URLSearchParams(input)}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
