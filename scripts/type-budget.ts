// Keeps the types of `@waymark/contract` cheap, and those of the client: three hundred operations, their handlers and a client of them,
// type-checked alone, must stay within a budget of type instantiations. The count is the same on every machine; seconds are not.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const budget = 600_000
const operations = 300
const perFile = 30

const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.cache', 'type-budget')
writeProject()
const { instantiations, seconds, megabytes } = measure()
const count = (value: number) => value.toLocaleString('en')
console.log(
  `${operations} operations: ${count(instantiations)} type instantiations of ${count(budget)} (${seconds} s, ${Math.round(megabytes)} MB).`,
)
if (instantiations > budget) {
  console.error(
    `The types of @waymark/contract or of the client cost too much. See what grew: npx tsc -p .cache/type-budget --generateTrace .cache/trace`,
  )
  process.exitCode = 1
}

function writeProject(): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true } }),
  )
  const files = Array.from({ length: operations / perFile }, (_, file) => file)
  const numbers = Array.from({ length: operations }, (_, number) => number)
  for (const file of files) {
    const declared = numbers.slice(file * perFile, (file + 1) * perFile).map(toOperation)
    const head = `import { defineCommand, defineQuery } from '@waymark/contract'\nimport { z } from 'zod'\n`
    writeFileSync(join(folder, `operations-${file}.ts`), `${head}\n${declared.join('\n')}`)
  }
  const imports = files.map((file) => `import * as file${file} from './operations-${file}.ts'`)
  const contracts = numbers.map((number) => `file${Math.floor(number / perFile)}.operation${number}`)
  const module = [
    `import { defineModule, implement } from '@waymark/contract'`,
    ...imports,
    `export const budget = defineModule({ key: 'budget', contracts: [${contracts.join(', ')}] })`,
    `export const implementation = implement(budget).handlers({\n${numbers.map(toHandler).join('\n')}\n})`,
  ]
  writeFileSync(join(folder, 'module.ts'), `${module.join('\n')}\n`)
  const client = [
    `import { createClient } from '@waymark/surface/client'`,
    `import { budget } from './module.ts'`,
    `const client = createClient({ url: 'http://127.0.0.1:4400' }, budget)`,
    `export const result = await client.budget.area1.operation1({ learnerId: 'ada', at: '2026-03-01T12:00:00Z', items: [] })`,
    `if (!result.ok && result.error.code === 'NOT_FOUND_1') console.log(result.error.data.id1)`,
  ]
  writeFileSync(join(folder, 'client.ts'), `${client.join('\n')}\n`)
}

/** One operation in three is a query. The shapes differ, so that the compiler can reuse little. */
function toOperation(number: number): string {
  return `export const operation${number} = ${number % 3 === 0 ? 'defineQuery' : 'defineCommand'}({
  meta: {
    key: 'budget.area${number % 7}.operation${number}', version: '1.0.0', stability: 'stable', owners: ['budget'], tags: ['area${number % 7}'],
    description: 'Operation ${number} of the type budget.',
  },
  io: {
    input: z.object({
      learnerId: z.string().min(1), amount${number}: z.number().int().optional(), mode: z.enum(['a', 'b', 'c${number}']).default('a'),
      at: z.iso.datetime(), items: z.array(z.object({ id: z.string(), quantity${number}: z.number() })).max(500),
    }),
    output: z.object({
      id: z.string(), status${number}: z.enum(['accepted', 'rejected']), total: z.number(), finishedAt: z.iso.datetime().nullable(),
    }),
    errors: {
      NOT_FOUND_${number}: { description: 'No such thing.', http: 404, gqlCode: 'NOT_FOUND', when: 'The thing is unknown.', data: z.object({ id${number}: z.string() }) },
    },
  },
  policy: { auth: 'user', subject: '/learnerId' },
})`
}

function toHandler(number: number): string {
  return `  'budget.area${number % 7}.operation${number}': async ({ input, fail }) => {
    if (input.mode === 'c${number}') throw fail.NOT_FOUND_${number}({ data: { id${number}: input.learnerId } })
    return { id: input.learnerId, status${number}: 'accepted', total: input.items.length, finishedAt: input.at }
  },`
}

function measure(): { instantiations: number; seconds: number; megabytes: number } {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // Several checkers would share the work by chance, and count what they repeat.
  const args = [tsc, '-p', folder, '--extendedDiagnostics', '--singleThreaded', '--pretty', 'false']
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const figure = (label: string) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(result.stdout)?.[1] ?? Number.NaN)
  const instantiations = figure('Instantiations')
  if (result.status !== 0 || Number.isNaN(instantiations))
    throw new Error(`The project in .cache/type-budget does not type-check:\n${result.stdout}${result.stderr}`)
  return { instantiations, seconds: figure('Total time'), megabytes: figure('Memory used') / 1024 }
}
