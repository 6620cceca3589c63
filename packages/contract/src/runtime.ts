import { DefinitionError } from './errors.ts'
import { type Listener, toListeners } from './event-handlers.ts'
import type { Binding, Implementation } from './implement.ts'
import type { Registry } from './registry.ts'
import type { UnitOfWork } from './transaction.ts'

/** What the pipeline takes from the process around it. All of it is injected, so that tests own time and ids. Nothing of it may throw, but `unitOfWork`. */
export interface Ports {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** A new id that sorts by time (UUIDv7). */
  readonly newId: () => string
  /** A collision-resistant hash of a text, e.g. SHA-256 in hex. */
  readonly hash: (text: string) => string
  /** Calls back after some milliseconds; returns what cancels it. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /** Needed by operations with a unit of work of their own, and by handlers of events. */
  readonly unitOfWork?: UnitOfWork
  /** Told after a commit that kept emitted events: who records them need not look for them then. */
  readonly onEmitted?: () => void
  /** Told of every defect and lost resource behind an `INTERNAL` answer, and of a database out of reach behind a `TIMEOUT`. */
  readonly onFailure?: (failure: { readonly requestId: string; readonly operation: string; readonly error: unknown }) => void
  /** Told when a stage of a call ended: for spans and metrics. Durations in milliseconds. */
  readonly onStage?: (stage: {
    readonly requestId: string
    readonly operation: string
    readonly stage: Stage
    readonly duration: number
    readonly code?: string
  }) => void
}

/** The stages of a call, in order. */
export type Stage = 'resolve' | 'principal' | 'parse' | 'authorise' | 'limits' | 'idempotency' | 'handle' | 'check' | 'commit'

/** A registry whose operations can be called. */
export interface Runtime {
  readonly registry: Registry
  readonly ports: Ports
  readonly bindings: ReadonlyMap<string, Binding>
  /** Handlers of events, by `key@major`. */
  readonly listeners: ReadonlyMap<string, readonly Listener[]>
  /** Idempotent calls in flight, by scope. */
  readonly inFlight: Map<string, Promise<unknown>>
}

/**
 * Joins contracts, handlers and ports.
 * @throws DefinitionError when an operation has no handler or two, an event is handled that nobody declares, or a handler needs a unit of
 * work and there is none.
 */
export function createRuntime(options: {
  readonly registry: Registry
  readonly implementations: readonly Implementation[]
  readonly ports: Ports
}): Runtime {
  const { registry, implementations, ports } = options
  const bindings = new Map<string, Binding>()
  for (const { module, bindings: own } of implementations) {
    for (const [id, binding] of own) {
      if (bindings.has(id))
        throw new DefinitionError(
          'HANDLER_DUPLICATE',
          `${id} of module ${module.key} is implemented twice. Pass one implementation of each module.`,
        )
      bindings.set(id, binding)
    }
  }
  for (const { id } of registry.operations) {
    const binding = bindings.get(id)
    if (binding === undefined)
      throw new DefinitionError(
        'HANDLER_MISSING',
        `${id} has no handler. Export implement(module).handlers({ … }) beside its module.`,
      )
    if (binding.commit === 'own' && ports.unitOfWork === undefined) {
      throw new DefinitionError(
        'PORT_MISSING',
        `${id} runs in a unit of work, and the runtime was given none. Pass ports.unitOfWork (a store has one).`,
      )
    }
  }
  const listeners = toListeners(
    registry,
    implementations.flatMap(({ events }) => events),
  )
  const [listened] = listeners.keys()
  if (listened !== undefined && ports.unitOfWork === undefined) {
    throw new DefinitionError(
      'PORT_MISSING',
      `Handlers of ${listened} run in units of work, and the runtime was given none. Pass ports.unitOfWork (a store has one).`,
    )
  }
  return Object.freeze({ registry, ports, bindings, listeners, inFlight: new Map() })
}
