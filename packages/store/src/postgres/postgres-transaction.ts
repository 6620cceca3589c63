import { ContractError } from '@waymark/contract'
import { StoreError } from '../errors.ts'
import type { TransactionDriver } from '../unit-of-work.ts'
import { textArray } from './binary-array.ts'
import { type Connections, opened } from './connections.ts'
import { statement } from './statement.ts'

const PRUNE_EVERY_MS = 10 * 60 * 1_000
const PRUNE_AT_MOST = 1_000

/** What a command does between its statements is its own affair; a process that died is noticed by its connection. */
const LONG_IDLE = statement(`select set_config('idle_in_transaction_session_timeout', '300000', true)`)
/** As long as a call waits for its twin within one process. */
const LOCK_LIMIT = statement(`select set_config('lock_timeout', '5000', true)`)
const NO_LOCK_LIMIT = statement(`select set_config('lock_timeout', '0', true)`)
const LOCK_NOT_AVAILABLE = '55P03'
/** Whoever works under a scope holds its lock to the end of the transaction, also when there is no record to lock yet. */
const LOCK = statement('select pg_advisory_xact_lock(hashtextextended($1, hashtextextended($2, 0)))')
const FIND = statement('select input_hash, answer from waymark.idempotency where tenant = $1 and scope = $2 and expires_at > $3')
const KEEP =
  statement(`insert into waymark.idempotency (tenant, scope, input_hash, answer, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (tenant, scope) do update
    set input_hash = excluded.input_hash, answer = excluded.answer, expires_at = excluded.expires_at`)
const HAS = statement(
  `select 1 from waymark.inbox where tenant = $1 and handler = $2 and source = $3 and event_id = $4 and expires_at > $5`,
)
/** Whoever adds the same waits for the end of the transaction that did before. */
const ADD =
  statement(`insert into waymark.inbox as old (tenant, handler, source, event_id, expires_at) values ($1, $2, $3, $4, $5)
    on conflict (tenant, handler, source, event_id) do update set expires_at = excluded.expires_at where old.expires_at <= $6`)
/** In the order in which they were emitted. */
const EMIT = statement(`insert into waymark.emitted (tenant, subject, event, body)
    select $1, subject, event, body from unnest($2::text[], $3::text[], $4::text[]) with ordinality u(subject, event, body, place)
    order by place`)
const PRUNE_INBOX = statement(`delete from waymark.inbox where tenant = $1 and (handler, source, event_id) in (
      select handler, source, event_id from waymark.inbox where tenant = $1 and expires_at <= $2 limit ${PRUNE_AT_MOST}
      for update skip locked)`)
const PRUNE = statement(`delete from waymark.idempotency where tenant = $1 and scope in (
      select scope from waymark.idempotency where tenant = $1 and expires_at <= $2 limit ${PRUNE_AT_MOST} for update skip locked)`)

/** Opens units of work. What has expired is not found, and some of it is removed now and then, tenant by tenant. */
export function createTransactions(connections: Connections): (tenant: string) => Promise<TransactionDriver> {
  const isAnswerDue = createPruning()
  const isInboxDue = createPruning()
  return async (tenant) => {
    const { transaction } = await connections.begin(opened('waymark_app', tenant), [LONG_IDLE, []])
    const lock = async (scope: string) => {
      try {
        await transaction.send([LOCK_LIMIT, []], [LOCK, [tenant, scope]], [NO_LOCK_LIMIT, []])
      } catch (error) {
        if (!(error instanceof StoreError) || error.errcode !== LOCK_NOT_AVAILABLE) throw error
        throw new ContractError('CONFLICT', { detail: 'A call with the same Idempotency-Key is still running.', retryAfter: 1 })
      }
    }
    return {
      idempotency: {
        async find(scope, now) {
          const isDue = isAnswerDue(tenant, now)
          await lock(scope)
          const [found] = await transaction.send(
            [FIND, [tenant, scope, now]],
            ...(isDue ? ([[PRUNE, [tenant, now]]] as const) : []),
          )
          const [row] = found?.rows ?? []
          return row === undefined ? undefined : { inputHash: row[0] as string, answer: row[1] as string }
        },
        async keep(scope, { inputHash, answer }, expiresAt) {
          await transaction.send([KEEP, [tenant, scope, inputHash, answer, expiresAt]])
        },
      },
      inbox: {
        async has({ handler, source, eventId }, now) {
          const [found] = await transaction.send([HAS, [tenant, handler, source, eventId, now]])
          return found?.rows.length === 1
        },
        async add({ handler, source, eventId }, now, expiresAt) {
          const [added] = await transaction.send(
            [ADD, [tenant, handler, source, eventId, expiresAt, now]],
            ...(isInboxDue(tenant, now) ? ([[PRUNE_INBOX, [tenant, now]]] as const) : []),
          )
          return added?.count === 1
        },
      },
      async addEmitted(rows) {
        const columns = (['subject', 'event', 'body'] as const).map((name) => textArray(rows, (row) => row[name]))
        await transaction.send([EMIT, [tenant, ...columns]])
      },
      async commit() {
        await transaction.commit()
      },
      rollback: transaction.rollback,
    }
  }
}

/** Says of a tenant, now and then, that it is time to remove what has expired. */
function createPruning(): (tenant: string, now: number) => boolean {
  const prunedAt = new Map<string, number>()
  return (tenant, now) => {
    const isDue = now - (prunedAt.get(tenant) ?? 0) >= PRUNE_EVERY_MS
    if (isDue) prunedAt.set(tenant, now)
    return isDue
  }
}
