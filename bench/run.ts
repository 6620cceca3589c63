/**
 * `npm run bench` runs everything, `npm run bench -- engine codec` some groups. `--quick` is shorter and rougher, `--json` prints data
 * instead of tables. Nothing here fails because it is slow: figures depend on the machine, so they are read, not tested.
 */
import { parseArgs } from 'node:util'
import { codec } from './groups/codec.ts'
import { coldStart } from './groups/cold-start.ts'
import { engine } from './groups/engine.ts'
import { explain } from './groups/explain.ts'
import { ingest } from './groups/ingest.ts'
import { memory } from './groups/memory.ts'
import { operators } from './groups/operators.ts'
import { pipeline } from './groups/pipeline.ts'
import { postgres } from './groups/postgres.ts'
import { publish } from './groups/publish.ts'
import { streams } from './groups/streams.ts'
import { describeMachine, toText } from './machine.ts'
import { FULL, QUICK, type Scale } from './measure.ts'
import { type GroupResult, type Row, toTable } from './report.ts'

const GROUPS: Readonly<Record<string, (scale: Scale) => Promise<readonly Row[]>>> = {
  engine,
  codec,
  pipeline,
  explain,
  operators,
  ingest,
  postgres,
  publish,
  streams,
  'cold-start': coldStart,
  memory,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(GROUPS, name))
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(', ')}. Name some of: ${Object.keys(GROUPS).join(', ')}.`)
  process.exit(2)
}

const machine = describeMachine()
if (!values.json) console.log(`${toText(machine)}\nMedian (quartiles) of interleaved rounds.\n`)
const results: GroupResult[] = []
for (const [group, run] of Object.entries(GROUPS)) {
  if (positionals.length > 0 && !positionals.includes(group)) continue
  const start = performance.now()
  const rows = await run(values.quick ? QUICK : FULL)
  const result = { group, seconds: (performance.now() - start) / 1000, rows }
  results.push(result)
  if (!values.json) console.log(toTable(result))
}
if (values.json) console.log(JSON.stringify({ machine, quick: values.quick, groups: results }, null, 2))
