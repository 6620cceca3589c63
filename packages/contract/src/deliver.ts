/**
 * The pipeline of events. A bus, or whoever else has an event, hands it to `deliver`, and nothing else reaches a handler of events:
 *
 * resolve → parse → for each handler: handled already? → in a unit of work of its own: handle → inbox → commit
 *
 * That a handler handled the event is committed with what it did through its transaction, so a delivery after that does not call it. The inbox is written last: a transaction that is open keeps others waiting, and a handler may take its time. One handler that
 * fails does not keep the others from running; only those that failed run when the event comes again. A handler has 30 seconds, and
 * none after the process has told it to end: it has failed then, and what it does through its transaction later is not committed.
 */
import { newAbortController, onAbort } from './abort.ts'
import { type DeliveredEvent, type Listener, listenerPlace } from './event-handlers.ts'
import type { Signal } from './implement.ts'
import type { ServicePrincipal } from './principal.ts'
import { type Problem, toProblem } from './problem.ts'
import { type EventEntry, majorOf } from './registry.ts'
import type { Ports, Runtime } from './runtime.ts'
import type { UnitOfWork } from './transaction.ts'
import { describeIssues, validate } from './validation.ts'

/** An event as it was carried. */
export interface EventEnvelope extends Omit<DeliveredEvent, 'version'> {
  /** Exact or a major; the latest when absent. Within a major the latest contract checks the payload. */
  readonly version?: string
  readonly payload: unknown
  /** In whose name it is delivered: its tenant is the tenant of the event. */
  readonly principal: ServicePrincipal
  /** Aborted when the process will not wait for handlers any more. */
  readonly signal?: Signal
}

/**
 * What became of an event. `handled`: by every handler, now or before; `retry`: some of them failed, and it has to be delivered again;
 * `dead`: it can never succeed, for the reason of the problem.
 */
export type Delivery =
  | { readonly outcome: 'handled'; readonly handlers: readonly string[] }
  | { readonly outcome: 'retry'; readonly failed: readonly string[] }
  | { readonly outcome: 'dead'; readonly problem: Problem }

/** How long a delivery is known: as long as the id of an event is. */
const INBOX_MS = 400 * 24 * 60 * 60 * 1_000

/** How long a handler may take. */
const HANDLER_MS = 30_000

/**
 * Delivers an event to all its handlers that have not handled it yet. Never rejects, and settles also when a handler never does: it is
 * aborted after 30 seconds, and when the signal of the envelope is.
 */
export async function deliver(runtime: Runtime, envelope: EventEnvelope): Promise<Delivery> {
  const { registry, ports, listeners } = runtime
  const { key, version } = envelope
  const entry = registry.event(key, version === undefined ? undefined : String(majorOf(version)))
  const requestId = ports.newId()
  if (entry === undefined) {
    const name = version === undefined ? key : `${key}@${version}`
    return dead('NOT_FOUND', requestId, { detail: `No module declares the event ${name}.` })
  }
  try {
    const parsed = await validate(entry.event.payload, envelope.payload)
    if (!parsed.ok) {
      const detail = `The payload of ${entry.id}: ${describeIssues(parsed.issues)}`
      return dead('VALIDATION_FAILED', requestId, { detail, errors: parsed.issues })
    }
    const own = listeners.get(listenerPlace(entry.event)) ?? []
    const results = await Promise.allSettled(own.map((listener) => handleOnce(runtime, listener, entry, envelope, parsed.value)))
    const failed = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return []
      const { id } = own[index] as Listener
      ports.onFailure?.({ requestId, operation: id, error: result.reason })
      return [id]
    })
    return failed.length > 0 ? { outcome: 'retry', failed } : { outcome: 'handled', handlers: own.map(({ id }) => id) }
  } catch (error) {
    // A schema that throws is a defect, which another release may not have.
    ports.onFailure?.({ requestId, operation: entry.id, error })
    return { outcome: 'retry', failed: [entry.id] }
  }
}

async function handleOnce(
  { ports }: Runtime,
  { id: handler, handle }: Listener,
  { event: contract }: EventEntry,
  { payload: _, principal, version: _version, signal, ...event }: EventEnvelope,
  payload: unknown,
): Promise<void> {
  const { now, after } = ports
  const unitOfWork = ports.unitOfWork as UnitOfWork
  const key = { handler, source: event.source, eventId: event.id }
  if (await unitOfWork.run(principal.tenant, (tx) => tx.inbox.has(key, now()))) return
  try {
    await unitOfWork.run(principal.tenant, async (tx) => {
      await inTime({ handler, after, outer: signal }, (signal) =>
        handle({ event: { ...event, version: contract.meta.version }, payload, principal, tx, signal } as never),
      )
      if (!(await tx.inbox.add(key, now(), now() + INBOX_MS))) throw HANDLED_MEANWHILE
    })
  } catch (error) {
    if (error !== HANDLED_MEANWHILE) throw error
  }
}

/** Rejects, and aborts the signal that the work got, when the work takes too long or the outer signal is aborted. */
async function inTime(
  { handler, after, outer }: { readonly handler: string; readonly after: Ports['after']; readonly outer: Signal | undefined },
  work: (signal: Signal) => Promise<unknown>,
): Promise<void> {
  const controller = newAbortController()
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    const end = (why: string) => {
      reject(new Error(`${handler} ${why}. It has failed, and gets the event again; let it heed its signal.`))
      controller.abort()
    }
    const cancel = after(HANDLER_MS, () => end(`did not end within ${HANDLER_MS / 1_000} seconds`))
    const ignore = onAbort(outer, () => end('had not ended when the process had to'))
    stop = () => {
      cancel()
      ignore()
    }
  })
  try {
    await Promise.race([work(controller.signal), stopped])
  } finally {
    stop()
  }
}

/** Undoes what a handler did while another process did the same. */
const HANDLED_MEANWHILE = new Error('The event was handled meanwhile.')

function dead(code: 'NOT_FOUND' | 'VALIDATION_FAILED', requestId: string, init: Parameters<typeof toProblem>[3]): Delivery {
  return { outcome: 'dead', problem: toProblem(undefined, code, requestId, init) }
}
