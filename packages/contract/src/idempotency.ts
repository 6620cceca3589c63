/**
 * Idempotency of commands. An answer is kept only with the commit that it describes, so a failed call leaves nothing behind and
 * the next one runs afresh. Within one process, calls of one scope run one at a time; across processes the store makes them wait.
 */
import { ContractError } from './errors.ts'
import type { Principal } from './principal.ts'
import type { Ports, Runtime } from './runtime.ts'
import type { Transaction } from './transaction.ts'

const TWIN_WAIT_MS = 5_000
const KEPT_MS = 24 * 60 * 60 * 1_000

/** Whose key it is: the same key of another caller, tenant or operation is another key. */
export function idempotencyScope(principal: Principal, operation: string, key: string): string {
  return JSON.stringify([principal.tenant, principal.kind, 'id' in principal ? principal.id : '', operation, key])
}

/** The answer of the call that committed under this scope, if there is one. */
export async function findKept(
  tx: Transaction,
  scope: string,
  inputHash: string,
  now: number,
): Promise<{ readonly answer: unknown } | undefined> {
  const record = await tx.idempotency.find(scope, now)
  if (record === undefined) return undefined
  if (record.inputHash !== inputHash) {
    throw new ContractError('IDEMPOTENCY_MISMATCH', {
      detail: 'This Idempotency-Key came before with another input. Use a new key for a new call.',
    })
  }
  return { answer: record.answer === '' ? undefined : JSON.parse(record.answer) }
}

/** Keeps an answer in the transaction of its call. An answer without a value has no JSON text and is kept as the empty one. */
export function keepAnswer(tx: Transaction, scope: string, inputHash: string, answer: unknown, now: number): Promise<void> {
  return tx.idempotency.keep(scope, { inputHash, answer: JSON.stringify(answer) ?? '' }, now + KEPT_MS)
}

/**
 * Starts a call when no twin of it is in flight. A twin that committed has left its answer by then; after one that failed the
 * next in line runs, and the others wait for that. `start` must call `track` before it gives up control.
 */
export async function afterTwins<T>({ inFlight, ports }: Runtime, scope: string, start: () => Promise<T>): Promise<T> {
  let twin = inFlight.get(scope)
  if (twin !== undefined) {
    const deadline = ports.now() + TWIN_WAIT_MS
    for (; twin !== undefined; twin = inFlight.get(scope)) {
      if (await isLate(twin, deadline - ports.now(), ports.after)) {
        throw new ContractError('CONFLICT', { detail: 'A call with the same Idempotency-Key is still running.', retryAfter: 1 })
      }
    }
  }
  return start()
}

/** Marks a call as in flight until it settles. */
export function track<T>({ inFlight }: Runtime, scope: string, call: Promise<T>): Promise<T> {
  inFlight.set(scope, call)
  const done = () => {
    inFlight.delete(scope)
  }
  call.then(done, done)
  return call
}

/** True when the deadline passed first. How the twin ended does not matter here. */
function isLate(twin: Promise<unknown>, milliseconds: number, after: Ports['after']): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = after(Math.max(0, milliseconds), () => resolve(true))
    const done = () => {
      cancel()
      resolve(false)
    }
    twin.then(done, done)
  })
}
