import { Session } from 'node:inspector/promises'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { serialize } from 'node:v8'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore } from '@waymark/store/sqlite'
import { openDatabase } from '../packages/store/src/sqlite/open-database.ts'
import { toEntryValues, toFactValues } from '../packages/store/src/sqlite/row-values.ts'
import { packBytes } from '../packages/store/src/sqlite/packed-bytes.ts'
import { captureRounds } from './fixtures/capture-rounds.ts'
import { createCrmEvents, startCrmJourney } from './fixtures/crm.ts'
import { openRawSqlite } from './opponents/raw-sqlite.ts'
const folder = await mkdtemp(join(tmpdir(), 'zz-'))
const store = await createSqliteStore({ file: join(folder, 'a.db') })
const rounds = []
const j = await startCrmJourney(captureRounds(store, r => rounds.push(r)))
const next = createCrmEvents()
for (let i = 0; i < 160; i++) await j.ingest(Array.from({ length: 500 }, next))
await store.close()
const raw = openRawSqlite(join(folder, 'raw.db'), { reads: false }), rawR = openRawSqlite(join(folder, 'rawr.db'), { reads: true })
const db = openDatabase(join(folder, 'db.db'))
const t = { raw: 0, rawR: 0, append: 0, commit: 0, toValues: 0, cloneAppend: 0, cloneAnswer: 0, cloneCommit: 0, cpuRaw: 0, cpuDb: 0 }
const time = (k, f) => { const s = performance.now(); const r = f(); t[k] += performance.now() - s; return r }
const s = new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval', { interval: 200 })
let n = 0
for (const [i, r] of rounds.entries()) {
  if (i === 80) { for (const k in t) t[k] = 0; n = 0; await s.post('Profiler.start') }
  n += r.entries.length
  let c = process.threadCpuUsage(); time('raw', () => raw.write(r)); let u = process.threadCpuUsage(c); t.cpuRaw += u.user + u.system
  time('rawR', () => rawR.write(r))
  const ask = time('toValues', () => ({ entries: toEntryValues(r.entries), wanted: r.wanted.flatMap(({ tenant, subject }) => [tenant, subject]) }))
  const ask2 = time('cloneAppend', () => structuredClone({ call: 'append', ask })).ask
  c = process.threadCpuUsage()
  const ans = time('append', () => db.append(ask2))
  time('cloneAnswer', () => structuredClone({ kind: 'answer', answer: ans }))
  const der = { states: r.states.flatMap(({ tenant, subject, expected }) => [tenant, subject, expected]), bytes: packBytes(r.states.map(s => s.state)), facts: toFactValues(r.facts), rejected: [] }
  const der2 = time('cloneCommit', () => structuredClone({ call: 'commit', ask: der })).ask
  time('commit', () => { if (db.commit(der2) !== 'committed') throw 1 })
  u = process.threadCpuUsage(c); t.cpuDb += u.user + u.system
}
const { profile } = await s.post('Profiler.stop')
console.log('per event us', Object.fromEntries(Object.entries(t).map(([k, v]) => [k, (k.startsWith('cpu') ? v / n : v * 1000 / n).toFixed(2)])), n)
for (const f of ['raw.db', 'raw.db-wal', 'db.db', 'db.db-wal']) console.log(f, (await stat(join(folder, f)).catch(() => ({ size: 0 }))).size / 1e6)
const self = new Map(); const byId = new Map(profile.nodes.map(n => [n.id, n])); const par = new Map(profile.nodes.flatMap(n => (n.children ?? []).map(c => [c, n.id])))
profile.samples.forEach((id, i) => { const n = byId.get(id); const f = x => x ? x.callFrame.functionName + ' ' + x.callFrame.url.split('/').pop() + ':' + (x.callFrame.lineNumber + 1) : ''; const k = f(n) + ' < ' + f(byId.get(par.get(id))); self.set(k, (self.get(k) ?? 0) + profile.timeDeltas[i]) })
for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 22)) console.log((v / n).toFixed(2) + ' us/event', k)
await rm(folder, { recursive: true })
