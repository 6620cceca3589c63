import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Contender, interleave, ratioOf, type Scale, summarize } from '../measure.ts'
import { atMost, type Row } from '../report.ts'

const MAIN = fileURLToPath(import.meta.resolve('../../apps/server/src/main.ts'))
const BARE = fileURLToPath(import.meta.resolve('../opponents/bare-http.ts'))
const SERVE = ['--conditions=@waymark/source', MAIN, 'serve']
const KEY = 'wm_sk_bench_0123456789abcdefghijklmnop'
const FIRST = 'first start: no database, no compiled code'
const AGAIN = 'second start: both are there'
const FLOOR = 'bare node:http'

/** From the start of the process to the answer that the first event is committed. */
export async function coldStart({ quick }: Scale): Promise<readonly Row[]> {
  const used = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  try {
    const contenders: Contender[] = [
      { name: 'node -e 0', sample: timeEmptyNode },
      { name: FLOOR, sample: () => timeFirstAnswer([BARE], used) },
      { name: FIRST, sample: timeInEmptyFolder },
      { name: AGAIN, sample: () => timeFirstAnswer(SERVE, used) },
    ]
    const samples = await interleave(contenders, { rounds: quick ? 10 : 20, warmUpMs: 1 })
    return contenders.map(({ name }): Row => {
      const own = samples.get(name) as readonly number[]
      const value = summarize(own)
      const figures =
        name === FIRST || name === AGAIN ? { figures: [300, 150].map((limit) => atMost(limit, 'ms', value.median)) } : {}
      return {
        what: name,
        unit: 'ms',
        value,
        ratio: { of: `to ${FLOOR}`, ...ratioOf(own, samples.get(FLOOR) as number[]) },
        ...figures,
      }
    })
  } finally {
    await rm(used, { recursive: true })
  }
}

async function timeEmptyNode(): Promise<number> {
  const start = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - start
}

async function timeInEmptyFolder(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'))
  try {
    return await timeFirstAnswer(SERVE, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Starts a server in a folder, where its database and its compiled code are kept; it says on stdout where it listens. */
async function timeFirstAnswer(args: readonly string[], folder: string): Promise<number> {
  const start = performance.now()
  const server = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, PORT: '0', WAYMARK_SECRET_KEY: KEY, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (chunk) => {
    log += chunk
  })
  try {
    let text = ''
    for await (const chunk of server.stdout) {
      text += chunk
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (url === undefined) continue
      await recordEvent(url)
      return performance.now() - start
    }
    throw new Error(`${args.join(' ')} ended before it listened:\n${log}`)
  } finally {
    server.kill('SIGTERM')
    if (server.exitCode === null) await once(server, 'exit')
  }
}

async function recordEvent(url: string): Promise<void> {
  const body = JSON.stringify({ learnerId: 'ada', eventName: 'pipeline.created', eventPayload: { pipelineId: 'inbound' } })
  const call = request(`${url}/v1/learning/onboarding/recordEvent`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    agent: false,
  }).end(body)
  const [response] = await once(call, 'response')
  const answer = (await response.setEncoding('utf8').toArray()).join('')
  if (response.statusCode !== 200 || JSON.parse(answer).success !== true) throw new Error(`The event was not accepted: ${answer}`)
}
