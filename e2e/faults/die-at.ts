/**
 * Loaded before a server (`--import`), and by that also in its database thread: kills the process at the point that `DIE_AT` names, the
 * `DIE_AT_COUNT`-th time that it comes there. It wraps `pg`, `node:sqlite` and `node:http` in this process alone.
 */
import { writeSync } from 'node:fs'
import http from 'node:http'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { isMainThread } from 'node:worker_threads'
import { type CrashPoint, crashPointsOf } from './crash-points.ts'

const { DIE_AT_STORE, DIE_AT, DIE_AT_COUNT = '1' } = process.env
const point = crashPointsOf(DIE_AT_STORE === 'sqlite' ? 'sqlite' : 'postgres').find(({ name }) => name === DIE_AT)
if (point === undefined) throw new Error(`DIE_AT=${DIE_AT} is no crash point of ${DIE_AT_STORE}; crash-points.ts lists them.`)
let left = Number(DIE_AT_COUNT)
if (point.at === 'request' || point.at === 'answer') {
  if (isMainThread) wrapHttp(point)
} else if (point.store === 'sqlite') wrapSqlite(point, point.at)
else await wrapPostgres(point, point.at)

function come({ name }: CrashPoint): void {
  left -= 1
  if (left > 0) return
  writeSync(2, `died at ${name}\n`)
  process.kill(process.pid, 'SIGKILL')
}

/** Tells which statements are the point; `sent` is what the transaction has sent before. */
function createJudge({ within }: CrashPoint, at: RegExp): (text: string, sent: string[]) => boolean {
  return (text, sent) => {
    if (/^begin/.test(text)) sent.length = 0
    const isPoint = at.test(text) && (within === undefined || sent.some((earlier) => within.test(earlier)))
    sent.push(text)
    return isPoint
  }
}

async function wrapPostgres(point: CrashPoint, at: RegExp): Promise<void> {
  // Loaded only where it is needed: this module delays every start.
  const { default: pg } = await import('pg')
  const isPoint = createJudge(point, at)
  const sent = new WeakMap<object, string[]>()
  type Query = (this: object, config: string | { readonly text: string }, ...rest: unknown[]) => Promise<unknown>
  const prototype = pg.Client.prototype as unknown as { query: Query }
  const { query } = prototype
  prototype.query = function (config, ...rest) {
    const before = sent.get(this) ?? []
    sent.set(this, before)
    const isHere = isPoint((typeof config === 'string' ? config : config.text).replace(/\s+/g, ' '), before)
    if (isHere && point.when === 'before') come(point)
    const answer = query.call(this, config, ...rest)
    if (isHere && point.when === 'after') {
      answer.then(
        () => come(point),
        () => {},
      )
    }
    return answer
  }
}

function wrapSqlite(point: CrashPoint, at: RegExp): void {
  const isPoint = createJudge(point, at)
  const sent: string[] = []
  const around = <T>(text: string, run: () => T): T => {
    const isHere = isPoint(text.replace(/\s+/g, ' '), sent)
    if (isHere && point.when === 'before') come(point)
    const result = run()
    if (isHere && point.when === 'after') come(point)
    return result
  }
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (sql) {
    return around(sql, () => exec.call(this, sql))
  }
  for (const method of ['run', 'get', 'all'] as const) {
    const own = StatementSync.prototype[method] as (this: StatementSync, ...values: unknown[]) => unknown
    StatementSync.prototype[method] = function (this: StatementSync, ...values: unknown[]) {
      return around(this.sourceSQL, () => own.apply(this, values))
    } as never
  }
}

function wrapHttp(point: CrashPoint): void {
  const { emit } = http.Server.prototype
  const { end } = http.ServerResponse.prototype
  http.Server.prototype.emit = function (this: http.Server, event: string, ...rest: unknown[]) {
    const isHere = event === 'request' && point.at === 'request'
    if (isHere && point.when === 'before') come(point)
    const result = Reflect.apply(emit, this, [event, ...rest])
    if (isHere && point.when === 'after') come(point)
    return result
  } as typeof emit
  http.ServerResponse.prototype.end = function (this: http.ServerResponse, ...rest: unknown[]) {
    if (point.at === 'answer') {
      if (point.when === 'before') come(point)
      else this.once('finish', () => come(point))
    }
    return Reflect.apply(end, this, rest)
  } as typeof end
}
