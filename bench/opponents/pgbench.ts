import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { PostgresServer } from '../../e2e/postgres/start-postgres.ts'
import { makeDatabase } from '../../packages/store/fixtures/make-database.ts'
import { opened } from '../../packages/store/src/postgres/connections.ts'
import { insertEvents, insertFacts, lockStates, updateStates } from '../../packages/store/src/postgres/journal-statements.ts'
import { migratePostgres } from '../../packages/store/src/postgres/migrate-postgres.ts'
import type { Asked } from '../../packages/store/src/postgres/statement.ts'
import type { CapturedRound } from '../fixtures/capture-rounds.ts'

/** PostgreSQL alone: the statements of the store and the rows that it has just written, without anything that works them out. */
export interface RawPostgres {
  /** Puts the rows of rounds where the scripts find them; replaces those of before. Not measured. */
  load(rounds: readonly CapturedRound[]): Promise<void>
  /** Runs each loaded round once, by two clients; milliseconds without the connecting. Null where there is no pgbench. */
  pgbench: (() => Promise<number>) | null
  /** Copies the loaded rows from files into tables of the same shape, in one transaction; milliseconds. */
  copy(): Promise<number>
  /** How many events were written by pgbench. */
  count(): Promise<number>
  close(): Promise<void>
}

const TENANT = 'default'
const CLIENTS = 2

/** The path of pgbench; undefined when this machine has none. */
export function findPgbench(): string | undefined {
  const places = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'pgbench'))
  return [...globSync('/usr/lib/postgresql/*/bin/pgbench'), ...places].find((path) => existsSync(path))
}

/** A database of its own in the server that the store uses. */
export async function openRawPostgres(server: PostgresServer): Promise<RawPostgres> {
  const url = await makeDatabase(server.url)
  const database = /\/(test_[^?]+)\?/.exec(url)?.[1] as string
  await migratePostgres(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(SCHEMA)
  const folder = server.folder
  const script = join(folder, 'round.sql')
  const command = findPgbench()
  let loaded = 0

  return {
    async load(rounds) {
      await client.query('truncate bench.round; alter sequence bench.turn restart')
      loaded = 0
      for (const round of rounds) await client.query(INSERT_ROUND, [++loaded, ...columnsOf(round)])
    },
    pgbench:
      command === undefined
        ? null
        : async () => {
            await writeFile(script, SCRIPT)
            const each = Math.ceil(loaded / CLIENTS)
            const args = ['-n', '-M', 'prepared', '-c', String(CLIENTS), '-j', String(CLIENTS), '-t', String(each), '-f', script]
            const { stdout } = await promisify(execFile)(command, [...args, '-h', folder, '-U', 'waymark', database])
            const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
            return ((each * CLIENTS) / tps) * 1_000
          },
    async copy() {
      const files = ['event', 'state', 'fact'].map((table) => ({ table, file: join(folder, `copy-${table}`) }))
      for (const { table, file } of files) await client.query(`copy (${ROWS[table as keyof typeof ROWS]}) to '${file}'`)
      const start = performance.now()
      await client.query('begin')
      for (const { table, file } of files) await client.query(`copy bench.${table}_copy from '${file}'`)
      await client.query('commit')
      return performance.now() - start
    },
    async count() {
      return Number((await client.query('select count(*) as n from waymark.event')).rows[0]?.n)
    },
    close: () => client.end(),
  }
}

/** The statements of a round, and under which letter its columns are kept. */
const EMPTY: CapturedRound = { entries: [], wanted: [], states: [], facts: [] }

function statementsOf({ entries, wanted, states, facts }: CapturedRound): readonly (readonly [letter: string, asked: Asked])[] {
  const subjects = wanted.map(({ subject }) => subject)
  return [
    ['e', insertEvents(TENANT, entries)],
    ['w', lockStates(TENANT, subjects)],
    // First states too: two clients take rounds in any order.
    ['s', updateStates(TENANT, states)],
    ['f', insertFacts(TENANT, facts)],
  ]
}

/** The array parameters of the statements, each group of rows once. */
function columnsOf(round: CapturedRound): unknown[] {
  const seen = new Set<string>()
  return statementsOf(round).flatMap(([letter, [, values]]) => {
    if (seen.has(letter)) return []
    seen.add(letter)
    return values.filter((value) => Buffer.isBuffer(value))
  })
}

/** `e2 text[]` and so on, in the order of `columnsOf`. */
const COLUMNS = (() => {
  const columns = new Map<string, string>()
  for (const [letter, [{ text }]] of statementsOf(EMPTY)) {
    for (const [, number, type] of text.matchAll(/\$(\d+)::(\w+\[\])/g)) columns.set(`${letter}${number}`, type as string)
  }
  return columns
})()

const INSERT_ROUND = `insert into bench.round values (${['', ...COLUMNS].map((_, index) => `$${index + 1}`).join(', ')})`

/** Reads its rows from the loaded round instead of from parameters. */
function fromRound(letter: string, text: string): string {
  return (
    text
      .replace(/from unnest\(([^)]*)\)/g, (_, list: string) => {
        const columns = list.replace(/\$(\d+)::\w+\[\]/g, (_, number: string) => `b.${letter}${number}`)
        return `from (select * from bench.round where n = :n) b cross join lateral unnest(${columns})`
      })
      .replaceAll('$1', `'${TENANT}'`)
      // Two clients take rounds in any order, so a version may come before the one below it.
      .replace('where s.version = excluded.version - 1', '')
      .replace(/select case when .* from written/, 'select count(*) from written')
  )
}

const SCRIPT = [
  String.raw`select nextval('bench.turn') as n \gset`,
  'begin;',
  `${opened('waymark_app', TENANT)[0].text.replace('$1', "'waymark_app'").replace('$2', `'${TENANT}'`)};`,
  ...statementsOf(EMPTY).map(([letter, [{ text }]]) => `${fromRound(letter, text)};`),
  'commit;',
  '',
].join('\n')

const SCHEMA = `
  create schema bench;
  create sequence bench.turn;
  create table bench.round (n integer primary key, ${[...COLUMNS].map(([name, type]) => `${name} ${type} not null`).join(', ')});
  ${[...COLUMNS].map(([name]) => `alter table bench.round alter ${name} set storage external;`).join('\n')}
  create table bench.event_copy (like waymark.event including all);
  create table bench.state_copy (like waymark.subject_state);
  create table bench.fact_copy (like waymark.fact including indexes);
  grant usage on schema bench to waymark_app;
  grant select on bench.round to waymark_app;`

const unnested = (letter: string) =>
  `from bench.round b, unnest(${[...COLUMNS.keys()].filter((name) => name.startsWith(letter)).map((name) => `b.${name}`)}) u`

const ROWS = {
  event: `select '${TENANT}', u.a, u.b, u.c, u.d, u.e, u.f, u.g, u.h, u.i, u.j, u.k, u.l, u.m, u.n, u.o, 1, u.p
    ${unnested('e')}(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)`,
  state: `select '${TENANT}', u.a, u.b, u.c ${unnested('s')}(a, b, c)`,
  fact: `select '${TENANT}', u.a, u.b, row_number() over () + (select count(*) from bench.fact_copy), null::bigint, u.c, u.d, u.e, u.f, u.g, u.h, u.i, u.j,
      u.k, u.l, u.m ${unnested('f')}(a, b, c, d, e, f, g, h, i, j, k, l, m)`,
}
