/**
 * The one pipeline. Every surface, job and test calls an operation through `invoke`; nothing else reaches a handler, so no
 * stage can be skipped:
 *
 * resolve → principal → parse → authorise → limits → idempotency → handle → check → commit → answer
 *
 * A stage ends the call by throwing a ContractError; anything else that is thrown is a defect and answers INTERNAL, with an
 * opaque id and no text of the error.
 */
import { canonicalJson } from './canonical-json.ts'
import type { InputOf, Operation, OutputOf } from './contract.ts'
import { ContractError, RESERVED } from './errors.ts'
import { type Binding, type CallInfo, type CheckedOutput, failOf, type Signal } from './implement.ts'
import { decide } from './policy.ts'
import type { InvalidCredential, Principal } from './principal.ts'
import { toProblem } from './problem.ts'
import type { OperationEntry } from './registry.ts'
import type { Result, ResultMeta } from './result.ts'
import type { Runtime, Stage } from './runtime.ts'
import type { Transaction } from './transaction.ts'
import { type Issue, type Validated, validate } from './validation.ts'

/** What a surface hands over beside the input. */
export interface Envelope {
  readonly principal: Principal | InvalidCredential
  /** Set by the surface: `rest`, `segment`, `cloudevents`, … */
  readonly channel: string
  readonly idempotencyKey?: string
  /** Size of the input as received, in bytes. */
  readonly inputBytes?: number
  /** Aborted when the caller went away. */
  readonly signal?: Signal
  /** An id the caller's trace already has; made when absent. */
  readonly requestId?: string
}

const TWIN_WAIT_MS = 5_000
const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1_000

/** Calls an operation by contract: input and output are typed. */
export function invoke<O extends Operation>(
  runtime: Runtime,
  operation: O,
  input: InputOf<O>,
  envelope: Envelope,
): Promise<Result<OutputOf<O>>>
/** Calls an operation by id: `key`, `key@major` or `key@version`. Never rejects; every failure is a problem in the result. */
export function invoke(runtime: Runtime, id: string, input: unknown, envelope: Envelope): Promise<Result>
export async function invoke(runtime: Runtime, target: string | Operation, input: unknown, envelope: Envelope): Promise<Result> {
  const id = typeof target === 'string' ? target : `${target.meta.key}@${target.meta.version}`
  const requestId = envelope.requestId ?? runtime.ports.newId()
  const call = new Call(runtime, id, requestId, envelope)
  try {
    const data = await call.run(input)
    return { ok: true, data, meta: call.meta() }
  } catch (error) {
    return { ok: false, problem: call.problem(error), meta: call.meta() }
  }
}

class Call {
  readonly #runtime: Runtime
  readonly #id: string
  readonly #requestId: string
  readonly #envelope: Envelope
  #entry: OperationEntry | undefined
  #replayed = false
  #stage: Stage = 'resolve'
  #stageStart: number

  constructor(runtime: Runtime, id: string, requestId: string, envelope: Envelope) {
    this.#runtime = runtime
    this.#id = id
    this.#requestId = requestId
    this.#envelope = envelope
    this.#stageStart = runtime.ports.now()
  }

  meta(): ResultMeta {
    const deprecation = this.#entry?.operation.meta.deprecation
    return {
      requestId: this.#requestId,
      ...(this.#entry === undefined ? {} : { operation: this.#entry.id }),
      ...(deprecation === undefined ? {} : { deprecation }),
      ...(this.#replayed ? { replayed: true } : {}),
    }
  }

  async run(raw: unknown): Promise<unknown> {
    const entry = this.#resolve()
    this.#enter('principal')
    const principal = this.#principal(entry)
    this.#enter('parse')
    const input = await this.#parse(entry, raw)
    this.#enter('authorise')
    this.#authorise(entry, principal, input)
    this.#enter('limits')
    this.#limits(entry)
    const binding = this.#runtime.bindings.get(entry.id) as Binding
    const output = await this.#withTimeout(entry, (signal) =>
      binding.commit === 'group'
        ? this.#handleInGroup(entry, binding, principal, input, signal)
        : this.#handleAlone(entry, binding, principal, input, signal),
    )
    this.#leave()
    return output
  }

  problem(error: unknown) {
    const operation = this.#entry?.operation
    if (error instanceof ContractError && this.#isKnown(error.code)) {
      this.#leave(error.code)
      return toProblem(operation, error.code, this.#requestId, error.init)
    }
    this.#leave('INTERNAL')
    this.#runtime.ports.onFailure?.({ requestId: this.#requestId, operation: this.#entry?.id ?? this.#id, error })
    return toProblem(operation, 'INTERNAL', this.#requestId)
  }

  #isKnown(code: string): boolean {
    return Object.hasOwn(RESERVED, code) || Object.hasOwn(this.#entry?.operation.io.errors ?? {}, code)
  }

  #resolve(): OperationEntry {
    const entry = this.#runtime.registry.operation(this.#id)
    if (entry === undefined) throw new ContractError('NOT_FOUND', { detail: `There is no operation ${this.#id}.` })
    this.#entry = entry
    const { deprecation } = entry.operation.meta
    if (deprecation !== undefined && this.#runtime.ports.now() >= Date.parse(deprecation.sunset)) {
      const next = deprecation.successor === undefined ? '' : ` Use ${deprecation.successor}.`
      throw new ContractError('GONE', { detail: `${entry.id} was switched off on ${deprecation.sunset}.${next}` })
    }
    return entry
  }

  #principal(entry: OperationEntry): Principal {
    const { principal } = this.#envelope
    if (principal.kind === 'invalid') throw new ContractError('UNAUTHENTICATED', { detail: principal.detail })
    if (principal.kind === 'anonymous') {
      const decision = decide(entry.operation.policy, entry.operation.meta.key, null, principal, undefined)
      if (!decision.allow) throw new ContractError('UNAUTHENTICATED', { detail: decision.detail })
    }
    return principal
  }

  async #parse(entry: OperationEntry, raw: unknown): Promise<unknown> {
    const parsed = validate(entry.operation.io.input, raw)
    const result = 'then' in parsed ? await parsed : parsed
    if (!result.ok) throw new InvalidInput(result.issues)
    return result.value
  }

  #authorise(entry: OperationEntry, principal: Principal, input: unknown): void {
    const decision = decide(entry.operation.policy, entry.operation.meta.key, entry.subject, principal, input)
    if (!decision.allow) throw new ContractError('FORBIDDEN', { detail: `${decision.reason}: ${decision.detail}` })
  }

  #limits(entry: OperationEntry): void {
    const limit = entry.operation.policy.limits?.inputBytes
    const { inputBytes } = this.#envelope
    if (limit !== undefined && inputBytes !== undefined && inputBytes > limit) {
      throw new ContractError('PAYLOAD_TOO_LARGE', {
        detail: `The input has ${inputBytes} bytes; ${entry.id} takes at most ${limit}.`,
      })
    }
  }

  async #handleAlone(
    entry: OperationEntry,
    binding: Binding,
    principal: Principal,
    input: unknown,
    signal: Signal,
  ): Promise<unknown> {
    const { unitOfWork } = this.#runtime.ports
    const key = this.#idempotencyKey(entry)
    const attempt = (scope: string | undefined) =>
      unitOfWork?.run(principal.tenant, async (tx) => {
        if (scope !== undefined) {
          const kept = await this.#kept(tx, scope, input)
          if (kept !== undefined) return kept.answer
        }
        this.#enter('handle')
        const output = await binding.handle({ input, principal, fail: failOf(), call: this.#info(), signal, tx } as never)
        this.#enter('check')
        const checked = await this.#check(entry, output)
        if (signal.aborted) throw timedOut(entry)
        if (scope !== undefined) {
          const now = this.#runtime.ports.now()
          await tx.idempotency.keep(
            scope,
            { inputHash: this.#inputHash(input), answer: JSON.stringify(checked) },
            now + IDEMPOTENCY_TTL_MS,
          )
        }
        this.#enter('commit')
        return checked
      })
    if (key === undefined) return attempt(undefined)
    this.#enter('idempotency')
    return this.#oneAtATime(
      `${principal.tenant} ${principal.kind}:${'id' in principal ? principal.id : ''} ${entry.id} ${key}`,
      attempt,
    )
  }

  async #handleInGroup(
    entry: OperationEntry,
    binding: Binding,
    principal: Principal,
    input: unknown,
    signal: Signal,
  ): Promise<unknown> {
    this.#enter('handle')
    const check = (output: unknown) => {
      const result = validate(entry.operation.io.output, output)
      if ('then' in result)
        return {
          ok: false,
          error: new Error(`The output schema of ${entry.id} is asynchronous; a group commit needs a synchronous one.`),
        }
      return result.ok
        ? { ok: true, output: result.value as CheckedOutput }
        : { ok: false, error: badOutput(entry, result.issues) }
    }
    return binding.handle({ input, principal, fail: failOf(), call: this.#info(), signal, check } as never)
  }

  /** A twin in flight is waited for; after that it has its record, and this call answers from it. */
  async #oneAtATime(scope: string, attempt: (scope: string) => Promise<unknown> | undefined): Promise<unknown> {
    const { inFlight, ports } = this.#runtime
    const deadline = ports.now() + TWIN_WAIT_MS
    for (let twin = inFlight.get(scope); twin !== undefined; twin = inFlight.get(scope)) {
      const late = await settledWithin(twin, deadline - ports.now(), ports.after)
      if (late)
        throw new ContractError('CONFLICT', { detail: 'A call with the same Idempotency-Key is still running.', retryAfter: 1 })
    }
    const own = attempt(scope) as Promise<unknown>
    inFlight.set(scope, own)
    try {
      return await own
    } finally {
      inFlight.delete(scope)
    }
  }

  async #kept(tx: Transaction, scope: string, input: unknown): Promise<{ readonly answer: unknown } | undefined> {
    const record = await tx.idempotency.find(scope, this.#runtime.ports.now())
    if (record === undefined) return undefined
    if (record.inputHash !== this.#inputHash(input)) {
      throw new ContractError('IDEMPOTENCY_MISMATCH', {
        detail: 'This Idempotency-Key came before with another input. Use a new key for a new call.',
      })
    }
    this.#replayed = true
    return { answer: JSON.parse(record.answer) }
  }

  #idempotencyKey(entry: OperationEntry): string | undefined {
    const { operation } = entry
    return operation.kind === 'command' && operation.policy.idempotent !== true ? this.#envelope.idempotencyKey : undefined
  }

  #inputHash(input: unknown): string {
    return this.#runtime.ports.hash(canonicalJson(input))
  }

  async #check(entry: OperationEntry, output: unknown): Promise<unknown> {
    const result: Validated<unknown> = await validate(entry.operation.io.output, output)
    if (!result.ok) throw badOutput(entry, result.issues)
    return result.value
  }

  async #withTimeout(entry: OperationEntry, work: (signal: Signal) => Promise<unknown>): Promise<unknown> {
    const limit = entry.operation.policy.limits?.timeoutMs
    const outer = this.#envelope.signal
    if (limit === undefined) return work(outer ?? NEVER_ABORTED)
    const controller = newAbortController()
    const forward = () => controller.abort()
    const listener = outer as unknown as
      | { addEventListener?(type: 'abort', call: () => void): void; removeEventListener?(type: 'abort', call: () => void): void }
      | undefined
    listener?.addEventListener?.('abort', forward)
    let cancel = () => {}
    const alarm = new Promise<never>((_, reject) => {
      cancel = this.#runtime.ports.after(limit, () => {
        controller.abort()
        reject(timedOut(entry))
      })
    })
    try {
      return await Promise.race([work(controller.signal), alarm])
    } finally {
      cancel()
      listener?.removeEventListener?.('abort', forward)
    }
  }

  #info(): CallInfo {
    const { channel, idempotencyKey } = this.#envelope
    return { channel, requestId: this.#requestId, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }
  }

  #enter(stage: Stage): void {
    this.#leave()
    this.#stage = stage
  }

  #leave(code?: string): void {
    const { onStage, now } = this.#runtime.ports
    if (onStage === undefined) return
    const end = now()
    onStage({
      requestId: this.#requestId,
      operation: this.#entry?.id ?? this.#id,
      stage: this.#stage,
      duration: end - this.#stageStart,
      ...(code === undefined ? {} : { code }),
    })
    this.#stageStart = end
  }
}

/** The caller's input is wrong; carries the issues to the problem. */
class InvalidInput extends ContractError {
  constructor(issues: readonly Issue[]) {
    const [first] = issues
    const where = first === undefined || first.pointer === '' ? 'The input' : first.pointer
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
    super('VALIDATION_FAILED', { detail: `${where}: ${first?.message ?? 'not valid'}${more}`, errors: issues })
  }
}

/** The handler's output is wrong. That is our defect, never the caller's. */
function badOutput(entry: OperationEntry, issues: readonly Issue[]): Error {
  const list = issues.map(({ pointer, message }) => `${pointer || '/'}: ${message}`).join('; ')
  return new Error(`The handler of ${entry.id} returned an output that its contract refuses: ${list}`)
}

function timedOut(entry: OperationEntry): ContractError {
  return new ContractError('TIMEOUT', {
    detail: `${entry.id} took longer than ${entry.operation.policy.limits?.timeoutMs} ms and was rolled back.`,
  })
}

/** True when the deadline passed first. How the twin ended does not matter here. */
function settledWithin(twin: Promise<unknown>, milliseconds: number, after: Runtime['ports']['after']): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = after(Math.max(0, milliseconds), () => resolve(true))
    const done = () => {
      cancel()
      resolve(false)
    }
    twin.then(done, done)
  })
}

interface AbortControllerLike {
  readonly signal: Signal
  abort(): void
}

/** AbortController is part of every runtime we serve, but not of the language's own types. */
function newAbortController(): AbortControllerLike {
  return new (globalThis as unknown as { AbortController: new () => AbortControllerLike }).AbortController()
}

const NEVER_ABORTED: Signal = newAbortController().signal
