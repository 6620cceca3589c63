/**
 * Sends a contributor's webhooks as CloudEvents with the `cloudevents` SDK, in its binary and structured modes and as a batch, and prints where they are.
 * `npm start` starts a server of its own; with WAYMARK_URL and WAYMARK_SECRET_KEY it plays against a running one.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CloudEvent, emitterFor, type Message, Mode } from 'cloudevents'
import { startServer } from 'waymark'
import { contribution } from './webhooks.ts'

interface Server {
  readonly url: string
  readonly key: string
}

interface Progress {
  readonly learnerId: string
  readonly xp: number
  readonly badges: readonly string[]
  readonly tracks: readonly {
    readonly percent: number
    readonly steps: readonly { readonly stepId: string; readonly status: string }[]
  }[]
}

const CONTRIBUTOR = 'Codertocat'
const ONE_DAY = 86_400_000

/** Sends all webhooks; resolves with the contributor's progress. */
export async function play(server: Server, print: (line: string) => void = console.log): Promise<Progress> {
  const deliver = (message: Message) => post(server, message.headers as Record<string, string>, String(message.body))
  const binary = emitterFor(deliver, { mode: Mode.BINARY })
  const structured = emitterFor(deliver, { mode: Mode.STRUCTURED })
  const [issue, push, opened, ...rest] = contribution(Date.now() - ONE_DAY)
  for (const [event, emit] of [
    [issue, binary],
    [push, structured],
    [opened, binary],
  ] as const) {
    if (event === undefined) continue
    await emit(event)
    await report(server, print, event)
  }
  // The SDK has no builder for batches: the format is a JSON array of structured events.
  await post(server, { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(rest))
  for (const event of rest) await report(server, print, event)
  return getProgress(server)
}

async function report(server: Server, print: (line: string) => void, event: CloudEvent<unknown>): Promise<void> {
  const { tracks, xp } = await getProgress(server)
  const steps = (tracks[0]?.steps ?? []).map(({ stepId, status }) => `${status === 'completed' ? '[x]' : '[ ]'} ${stepId}`)
  print(`${event.type}\n  ${tracks[0]?.percent ?? 0} %, ${xp} XP   ${steps.join('  ')}`)
}

async function post({ url, key }: Server, headers: Record<string, string>, body: string): Promise<void> {
  const response = await fetch(`${url}/events`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${key}` }, body })
  const answer = (await response.json()) as { results?: readonly { status: string; problem?: unknown }[] }
  const refused = answer.results?.find(({ status }) => status !== 'recorded' && status !== 'duplicate')
  if (!response.ok || refused !== undefined)
    throw new Error(`/events answered ${response.status}: ${JSON.stringify(refused ?? answer)}`)
}

async function getProgress({ url, key }: Server): Promise<Progress> {
  const response = await fetch(`${url}/v1/learning/onboarding/getProgress?learnerId=${CONTRIBUTOR}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  if (!response.ok) throw new Error(`getProgress answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Progress
}

/** Starts a server that serves this example's events, track and mappings from a folder of its own. */
export async function startExample() {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-github-'))
  const waymark = fileURLToPath(new URL('../waymark', import.meta.url))
  const env = {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'waymark.db')}`,
    WAYMARK_MODULES: `${waymark}/*.ts`,
    WAYMARK_SECRET_KEY: `wm_sk_${crypto.randomUUID()}`,
    LOG_LEVEL: 'warn',
  }
  const server = await startServer({ env, cwd: folder })
  return {
    ...server,
    close: async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

if (import.meta.main) {
  const { WAYMARK_URL: url, WAYMARK_SECRET_KEY: key } = process.env
  const server = url !== undefined && key !== undefined ? { url, key, close: async () => {} } : await startExample()
  try {
    const { learnerId, xp, badges } = await play(server)
    console.log(`\n${learnerId} has ${xp} XP and the badge ${badges.join(', ')}.`)
  } finally {
    await server.close()
  }
}
