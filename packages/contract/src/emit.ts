/**
 * What a handler emits. Events are checked as they are emitted, wait here for the output of their call, and are written with its commit.
 *
 * States: open, closed (the handler has settled). Invariant: once something wrong was emitted, the call does not commit, whatever its
 * handler makes of the error.
 */
import type { EventContract, Operation, PayloadOf } from './contract.ts'
import { majorOf, type OperationEntry } from './registry.ts'
import type { Ports } from './runtime.ts'
import type { EmittedEvent, Transaction } from './transaction.ts'
import { describeIssues, type Validated, validate } from './validation.ts'

/** Whom an emitted event is about, and when it happened. */
export interface EmitOptions {
  readonly learnerId: string
  readonly accountId?: string
  /** Epoch milliseconds; when it is emitted, if absent. */
  readonly occurredAt?: number
  /** Unique for the learner within the module; made when absent. The same id with the same content counts once. */
  readonly eventId?: string
}

/**
 * Emits an event that the command declares in `emits`: it is recorded after the commit of the call, once, and not at all when the call
 * fails or repeats another one under its `Idempotency-Key`. A payload that its contract refuses, or an event that is not declared, is a
 * defect: it throws, and the call answers `INTERNAL`.
 */
export type Emit<E extends EventContract> = <One extends E>(event: One, payload: PayloadOf<One>, options: EmitOptions) => void

/** What a command that declares `emits` has besides. */
export type EmitOf<C extends Operation> = C extends { readonly kind: 'command'; readonly emits: readonly (infer E)[] }
  ? [E] extends [never]
    ? unknown
    : { readonly emit: Emit<Extract<E, EventContract>> }
  : unknown

/** The emitted events of one call. */
export interface Emitting {
  readonly emit: Emit<EventContract>
  /**
   * Takes no more, and answers what was emitted.
   * @throws Error, when something of it was wrong.
   */
  close(): Promise<readonly EmittedEvent[]>
}

export function createEmitting(
  { id, operation: { emits } }: OperationEntry,
  source: string,
  tx: Transaction,
  { now, newId }: Pick<Ports, 'now' | 'newId'>,
): Emitting {
  const events: EmittedEvent[] = []
  const late: Promise<void>[] = []
  let isOpen = true
  let defect: { readonly error: unknown } | undefined

  function refused(problem: string): Error {
    return new Error(`The handler of ${id} ${problem}`)
  }

  function keep({ meta: { key, version } }: EventContract, payload: unknown, options: EmitOptions): void {
    const name = `${key}@${version}`
    const event = emits.find(({ meta }) => meta.key === key && meta.version === version)
    if (!isOpen) throw refused(`emitted ${name} after it had ended. Await everything that emits inside the handler.`)
    if (event === undefined) {
      throw refused(`emitted ${name}, which it does not declare. Add the contract to emits of the command.`)
    }
    if ((tx.emitted as Transaction['emitted'] | undefined) === undefined) {
      throw refused(`emitted ${name}, and its unit of work has no place for that. Pass ports.unitOfWork of a store that has it.`)
    }
    const { learnerId, accountId, occurredAt, eventId = newId() } = options
    for (const [field, value] of Object.entries({ learnerId, eventId, ...(accountId !== undefined && { accountId }) })) {
      if (isName(value)) continue
      throw refused(`emitted ${name} with ${field} ${JSON.stringify(value)}. Expected text, without NUL and lone surrogates.`)
    }
    if (occurredAt !== undefined && !(Number.isInteger(occurredAt) && occurredAt >= 0 && occurredAt <= LAST_MOMENT)) {
      throw refused(`emitted ${name} with occurredAt ${occurredAt}. Expected epoch milliseconds, as Date.now() gives them.`)
    }
    // What is recorded is what JSON says of it now, and not what the handler makes of the object afterwards.
    const said = asJson(payload)
    if (said === undefined)
      throw refused(`emitted ${name} with a payload that JSON cannot say. Expected an object of plain data.`)
    const check = (result: Validated<unknown>) => {
      if (result.ok) return
      throw refused(`emitted ${name} with a payload that its contract refuses: ${describeIssues(result.issues)}`)
    }
    const about = accountId === undefined ? { learnerId } : { learnerId, accountId }
    const times = occurredAt === undefined ? { emittedAt: now() } : { occurredAt, emittedAt: now() }
    events.push({ eventId, source, key, major: majorOf(version), ...about, ...times, payload: said.value })
    const validated = validate(event.payload, said.value)
    if ('then' in validated) {
      const checked = validated.then(check)
      // Whoever closes learns of it; a handler that fails first never does.
      checked.catch(() => {})
      late.push(checked)
    } else check(validated)
  }

  return {
    emit(event, payload, options) {
      try {
        keep(event, payload, options)
      } catch (error) {
        defect ??= { error }
        throw error
      }
    },
    async close() {
      isOpen = false
      await Promise.all(late)
      if (defect !== undefined) throw defect.error
      return events
    },
  }
}

/** The last one that a Date can say. */
const LAST_MOMENT = 8.64e15

/** Undefined for what JSON has no text for. */
function asJson(value: unknown): { readonly value: unknown } | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? undefined : { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** True for what every database stores alike. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed()
}
