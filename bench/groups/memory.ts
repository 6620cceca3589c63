import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Scale, single } from '../measure.ts'
import { atMost, type Row } from '../report.ts'

const CHILD = fileURLToPath(import.meta.resolve('../fixtures/memory-child.ts'))

/** What a process weighs that has ingested for a while, in a process of its own that finds its compiled code, as the server does. */
export async function memory({ quick }: Scale): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  try {
    await ingestInChild(500, folder)
    const few = await ingestInChild(20_000, folder)
    const many = await ingestInChild(quick ? 100_000 : 1_000_000, folder)
    return [
      row('RSS before the first event', many.before),
      row(`RSS after ${few.events.toLocaleString('en')} events`, few.after),
      row(`RSS after ${many.events.toLocaleString('en')} events`, many.after, few.after, LIMIT),
      row('highest RSS', many.peak, few.peak),
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

const LIMIT = 150
/** A child that takes longer hangs. */
const CHILD_MS = 20 * 60_000
const MIB = 2 ** 20

interface Weights {
  readonly events: number
  readonly before: number
  readonly after: number
  readonly peak: number
}

async function ingestInChild(events: number, compiled: string): Promise<Weights> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, CHILD, String(events)], {
    env,
    timeout: CHILD_MS,
  })
  return { events, ...JSON.parse(stdout) }
}

function row(what: string, bytes: number, ofFew?: number, limit?: number): Row {
  const value = single(bytes / MIB)
  return {
    what,
    unit: 'MiB',
    value,
    ...(ofFew === undefined ? {} : { ratio: { of: 'to the short run', ...single(bytes / ofFew) } }),
    ...(limit === undefined ? {} : { figures: [atMost(limit, 'MiB', value.median)] }),
  }
}
