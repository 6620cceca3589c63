/**
 * Plays a person's first days in a CRM through the analytics SDK that a product already has, and prints after each event how far they are
 * and why. `npm start` starts a server of its own; with WAYMARK_URL and WAYMARK_SECRET_KEY it plays against a running one.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Analytics } from '@segment/analytics-node'
import { startServer } from 'waymark'
import { firstDays } from './first-days.ts'
import { explainEvent, explainSteps, getProgress, missing, type Server } from './waymark.ts'

const THREE_DAYS = 3 * 86_400_000

/** Sends the six events of a person, one by one, and prints progress after each. Resolves with the final progress. */
export async function play(server: Server, person: string, print: (line: string) => void = console.log) {
  const analytics = new Analytics({ writeKey: server.key, host: server.url, flushAt: 1 })
  const failures: unknown[] = []
  analytics.on('error', (error) => failures.push(error))
  for (const { messageId, event, properties, timestamp } of firstDays(person, Date.now() - THREE_DAYS)) {
    await new Promise<void>((resolve, reject) => {
      analytics.track({ userId: person, event, properties, messageId, timestamp }, (error) => (error ? reject(error) : resolve()))
    })
    print(`\n${timestamp.toISOString().slice(0, 16).replace('T', ' ')}  ${event}`)
    for (const { stepId, verdict, reason } of await explainEvent(server, person, messageId)) {
      print(`  ${stepId}: ${verdict}${reason === null ? '' : ` (${reason})`}`)
    }
    const { xp, tracks } = await getProgress(server, person)
    print(`  ${tracks[0]?.percent ?? 0} %, ${xp} XP`)
    for (const { stepId, status, detail } of await explainSteps(server, person)) {
      print(`    ${MARKS[status]} ${stepId}${status === 'completed' ? '' : `: ${status}, wants ${missing(detail)}`}`)
    }
  }
  await analytics.closeAndFlush()
  if (failures.length > 0) throw new Error(`The SDK could not deliver: ${JSON.stringify(failures[0])}`)
  const progress = await getProgress(server, person)
  print(
    `\n${person} has completed ${progress.tracks.filter(({ status }) => status === 'completed').length} track with ${progress.xp} XP and the badge ${progress.badges.join(', ')}.`,
  )
  return progress
}

const MARKS = { completed: '[x]', open: '[ ]', locked: '[-]' }

/** Starts a server that serves this example's events and track from a folder of its own. */
export async function startExample() {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-crm-'))
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
    await play(server, 'ann')
  } finally {
    await server.close()
  }
}
