/**
 * Connections to one database, and transactions over them. A transaction holds a connection from its first statement to its end;
 * statements are pipelined: several are sent at once, and the answers come in order. Nothing is kept in a session (no listening, no
 * session lock, no setting that outlives a transaction), so a pooler may give every transaction another connection.
 *
 * States: open, closed. Invariants: a connection goes back to the pool only outside a transaction; one on which anything was lost is
 * thrown away; after an error inside a transaction the server answers ROLLBACK to a commit, which counts as an error here.
 */
import pg from 'pg'
import { StoreError } from '../errors.ts'
import { type Asked, statement, unkept } from './statement.ts'
import { hasLostStatement, toStoreError } from './to-store-error.ts'

export type Row = readonly (string | null)[]

export interface Answer {
  readonly rows: readonly Row[]
  readonly count: number
}

export type Role = 'waymark_app' | 'waymark_worker'

export interface Transaction {
  /** Sends statements at once; the answers in their order. Rejects with the first error, when all were answered. */
  send(...statements: readonly Asked[]): Promise<readonly Answer[]>
  /** Sends the last statements and the commit at once; resolves when the server says that it committed. Ends the transaction. */
  commit(...statements: readonly Asked[]): Promise<readonly Answer[]>
  /** Ends the transaction without effect. Never rejects. */
  rollback(): Promise<void>
}

export interface Connections {
  /** Begins a transaction: the statements go out together with its beginning. Rejects with everything rolled back. */
  begin(...statements: readonly Asked[]): Promise<{ readonly transaction: Transaction; readonly answers: readonly Answer[] }>
  /** Does work again for some seconds when the connection is lost or another transaction was in the way, so it has to be repeatable. */
  patiently<T>(work: () => Promise<T>): Promise<T>
  /** One transaction of these statements, patiently. */
  run(role: Role, tenant: string, ...statements: readonly Asked[]): Promise<readonly Answer[]>
  close(): Promise<void>
}

/** How long one statement may take, and a transaction may wait for its next one, in milliseconds. */
const STATEMENT_LIMIT = 10_000
const CONNECT_LIMIT = 5_000
/** How long `patiently` tries again. */
const PATIENCE = 5_000
const PAUSE = 50
const LONGEST_PAUSE = 500

const BEGIN = unkept('begin isolation level read committed')
const COMMIT = unkept('commit')

/** Of a statement with the role and the tenant as its parameters. */
export const OPEN_COLUMNS = `set_config('role', $1, true), set_config('app.tenant', $2, true), set_config('statement_timeout', '${STATEMENT_LIMIT}', true),
    set_config('idle_in_transaction_session_timeout', '${STATEMENT_LIMIT}', true)`
const OPEN = statement(`select ${OPEN_COLUMNS}`)

/** Every value as the text that the server sent: the columns are known, and most are text. */
const RAW = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig

/** What a transaction starts with: the role, the tenant, and limits that free its locks if this process stalls. */
export function opened(role: Role, tenant: string): Asked {
  return [OPEN, [role, tenant]]
}

export function createConnections(url: string, size: number, onNotice?: (notice: string) => void): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_LIMIT,
    // One that the server does not answer is given up a little after the server should have given up itself.
    query_timeout: STATEMENT_LIMIT + 2_000,
    application_name: 'waymark',
  } as pg.PoolConfig)
  // An idle connection that the server ended: the pool has dropped it already.
  pool.on('error', () => {})
  // The pool hands a new connection over without a listener, and the server may end it in the same breath: nobody would hear it, and the
  // process would die of it.
  pool.on('connect', (client) => client.on('error', () => {}))
  const active = new Set<() => void>()
  let areNamed = true
  let isAway = false
  let closing: Promise<void> | undefined

  function assertOpen(): void {
    if (closing !== undefined) throw new StoreError('STORE_CLOSED', 'The store was closed. Open it again to use it.')
  }

  function fail(error: unknown): StoreError {
    if (closing !== undefined)
      return new StoreError('STORE_CLOSED', 'The store was closed. Open it again to use it.', { cause: error })
    if (hasLostStatement(error) && areNamed) {
      areNamed = false
      onNotice?.('A pooler between here and PostgreSQL does not keep named statements; they are sent without names from now on.')
    }
    const failure = toStoreError(error)
    if (failure.code === 'STORE_UNREACHABLE' && !isAway) {
      isAway = true
      onNotice?.(failure.message)
    }
    return failure
  }

  async function begin(...first: readonly Asked[]) {
    assertOpen()
    let client: pg.PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      throw fail(error)
    }
    let isLost = false
    let isOver = false
    const lose = () => {
      isLost = true
    }
    client.on('error', lose)
    const abandon = () => end(true)
    active.add(abandon)
    if (closing !== undefined) abandon()

    function end(broken: boolean): void {
      if (isOver) return
      isOver = true
      active.delete(abandon)
      client.off('error', lose)
      client.release(broken || isLost)
    }

    async function ask(statements: readonly Asked[]): Promise<pg.QueryArrayResult[]> {
      assertOpen()
      const answers = await Promise.allSettled(
        statements.map(([{ name, text }, values]) =>
          client.query<unknown[]>({
            text,
            values: values as unknown[],
            rowMode: 'array',
            types: RAW,
            ...(areNamed && name !== '' ? { name } : {}),
          }),
        ),
      )
      const failed = answers.find(({ status }) => status === 'rejected')
      if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
      return answers.map((answer) => (answer as PromiseFulfilledResult<pg.QueryArrayResult>).value)
    }

    async function rollback(): Promise<void> {
      if (isOver) return
      try {
        await client.query('rollback')
        end(false)
      } catch {
        end(true)
      }
    }

    async function orRollback<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await work()
      } catch (error) {
        const reason = fail(error)
        if (reason.code === 'STORE_UNREACHABLE') end(true)
        else await rollback()
        throw reason
      }
    }

    const transaction: Transaction = {
      send: (...statements) => orRollback(async () => (await ask(statements)).map(toAnswer)),
      commit: (...statements) =>
        orRollback(async () => {
          const answers = await ask([...statements, [COMMIT, []]])
          const last = answers.pop()
          // An aborted transaction resolves its commit, with another tag.
          if (last?.command !== 'COMMIT') throw new StoreError('STORE_FAILED', 'PostgreSQL rolled the transaction back.')
          end(false)
          return answers.map(toAnswer)
        }),
      rollback,
    }
    const answers = await transaction.send([BEGIN, []], ...first)
    if (isAway) {
      isAway = false
      onNotice?.('PostgreSQL answers again.')
    }
    return { transaction, answers: answers.slice(1) }
  }

  async function once(role: Role, tenant: string, statements: readonly Asked[]): Promise<readonly Answer[]> {
    const { transaction } = await begin(opened(role, tenant))
    return transaction.commit(...statements)
  }

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE
    for (let pause = PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof StoreError) || error.outlook !== 'retry' || performance.now() >= end) throw error
        if (error.code !== 'STORE_BUSY') await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
  }

  return {
    begin,
    patiently,
    run: (role, tenant, ...statements) => patiently(() => once(role, tenant, statements)),
    close() {
      closing ??= Promise.resolve().then(() => {
        for (const abandon of active) abandon()
        return pool.end()
      })
      return closing
    },
  }
}

function toAnswer({ rows, rowCount }: pg.QueryArrayResult): Answer {
  return { rows: rows as readonly Row[], count: rowCount ?? 0 }
}
