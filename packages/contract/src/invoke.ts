/**
 * The one pipeline. Every surface, job and test calls an operation through `invoke`; nothing else reaches a handler, so no
 * stage can be skipped:
 *
 * resolve → principal → parse → authorise → limits → idempotency → handle → check → commit (with what was emitted) → answer
 *
 * A stage ends the call by throwing a ContractError; anything else that is thrown is a defect and answers INTERNAL, with an
 * opaque id and no text of the error. A stream passes the same stages until its iterable is there; each of its items is checked on
 * its way out.
 */
import { newAbortController, onAbort } from './abort.ts'
import { canonicalJson } from './canonical-json.ts'
import type { InputOf, Operation, OutputOf } from './contract.ts'
import { createEmitting } from './emit.ts'
import { ContractError, RESERVED } from './errors.ts'
import { afterTwins, findKept, idempotencyScope, keepAnswer, track } from './idempotency.ts'
import type { Binding, CallInfo, CheckedOutput, OutputCheck, Signal } from './implement.ts'
import { openStream } from './open-stream.ts'
import { badItem, badOutput, checkNow } from './output-check.ts'
import { decide } from './policy.ts'
import type { InvalidCredential, Principal } from './principal.ts'
import { type Problem, toProblem } from './problem.ts'
import type { OperationEntry } from './registry.ts'
import type { Result, ResultMeta } from './result.ts'
import type { Runtime, Stage } from './runtime.ts'
import type { Stream, StreamSchema } from './stream.ts'
import { type TimeLimit, withTimeLimit } from './time-limit.ts'
import { isUnavailable, type UnitOfWork } from './transaction.ts'
import { describeIssues, summariseIssues, type Validated, validate } from './validation.ts'

/** What a surface hands over beside the input. */
export interface Envelope {
  readonly principal: Principal | InvalidCredential
  /** Set by the surface: `rest`, `segment`, `cloudevents`, … */
  readonly channel: string
  readonly idempotencyKey?: string
  /** Size of the input as received, in bytes. */
  readonly inputBytes?: number
  /** Aborted when the caller went away. It also ends an open stream. */
  readonly signal?: Signal
  /** An id the caller's trace already has; made when absent. */
  readonly requestId?: string
}

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
  const id = typeof target === 'string' ? target : idOf(target)
  const requestId = envelope.requestId ?? runtime.ports.newId()
  const call = new Call(runtime, id, requestId, envelope)
  try {
    const data = await call.run(input)
    call.finish()
    return { ok: true, data, meta: call.meta() }
  } catch (error) {
    return { ok: false, problem: await call.problem(error), meta: call.meta() }
  }
}

/** The id of a contract is the same text each time, so that it is found without being read. */
function idOf(operation: Operation): string {
  let id = ids.get(operation)
  if (id === undefined) {
    id = `${operation.meta.key}@${operation.meta.version}`
    ids.set(operation, id)
  }
  return id
}

const ids = new WeakMap<Operation, string>()

const UNAVAILABLE = {
  detail: 'The database cannot be reached, or has too much to do. Send the same again, with the same ids or Idempotency-Key.',
  retryAfter: 1,
}

/** What the last stages need of a call that was admitted. */
interface Admitted {
  readonly entry: OperationEntry
  readonly binding: Binding
  readonly principal: Principal
  readonly raw: unknown
  readonly input: unknown
}

class Call {
  readonly #runtime: Runtime
  readonly #id: string
  readonly #requestId: string
  readonly #envelope: Envelope
  #entry: OperationEntry | undefined
  #replayed = false
  /** Undefined once the call is answered: a handler that timed out may still be running then. */
  #stage: Stage | undefined = 'resolve'
  #stageStart: number

  constructor(runtime: Runtime, id: string, requestId: string, envelope: Envelope) {
    this.#runtime = runtime
    this.#id = id
    this.#requestId = requestId
    this.#envelope = envelope
    this.#stageStart = runtime.ports.now()
  }

  meta(): ResultMeta {
    const requestId = this.#requestId
    if (this.#entry === undefined) return { requestId }
    const { id, operation } = this.#entry
    const { deprecation } = operation.meta
    if (deprecation === undefined && !this.#replayed) return { requestId, operation: id }
    return { requestId, operation: id, ...(deprecation && { deprecation }), ...(this.#replayed && { replayed: true }) }
  }

  /** Answers with the output. What ends the call before its handler is thrown at once: few calls wait for anything until there. */
  run(raw: unknown): Promise<unknown> {
    const entry = this.#resolve()
    this.#enter('principal')
    const principal = this.#principal(entry)
    this.#enter('parse')
    const validated = validate(entry.operation.io.input, raw)
    return 'then' in validated
      ? validated.then((parsed) => this.#admit(entry, principal, raw, parsed))
      : this.#admit(entry, principal, raw, validated)
  }

  #admit(entry: OperationEntry, principal: Principal, raw: unknown, parsed: Validated<unknown>): Promise<unknown> {
    if (!parsed.ok) throw new ContractError('VALIDATION_FAILED', summariseIssues(parsed.issues))
    this.#enter('authorise')
    this.#authorise(entry, principal, parsed.value)
    this.#enter('limits')
    this.#limits(entry)
    const binding = this.#runtime.bindings.get(entry.id) as Binding
    return this.#handle({ entry, binding, principal, raw, input: parsed.value })
  }

  #handle(call: Admitted): Promise<unknown> {
    switch (call.binding.commit) {
      case 'own':
        return this.#handleAlone(call)
      case 'group':
        return this.#handleInGroup(call)
      case 'none':
        return this.#open(call)
    }
  }

  async problem(thrown: unknown): Promise<Problem> {
    const operation = this.#entry?.operation
    const error = thrown instanceof ContractError ? await this.#declared(thrown) : thrown
    if (error instanceof ContractError) {
      this.finish(error.code)
      return toProblem(operation, error.code, this.#requestId, error.init)
    }
    const code = isUnavailable(error) ? 'TIMEOUT' : 'INTERNAL'
    this.finish(code)
    this.#runtime.ports.onFailure?.({ requestId: this.#requestId, operation: this.#entry?.id ?? this.#id, error })
    return toProblem(operation, code, this.#requestId, code === 'TIMEOUT' ? UNAVAILABLE : undefined)
  }

  /** The error as the contract allows it: a code it knows, with the data that it describes. Anything else is a defect. */
  async #declared(error: ContractError): Promise<unknown> {
    const { data, ...rest } = error.init
    if (Object.hasOwn(RESERVED, error.code)) return data === undefined ? error : new ContractError(error.code, rest)
    const errors = this.#entry?.operation.io.errors ?? {}
    const declaration = Object.hasOwn(errors, error.code) ? errors[error.code] : undefined
    if (declaration === undefined) return new Error(`${this.#id} does not declare the error ${error.code}`, { cause: error })
    if (declaration.data === undefined) return data === undefined ? error : new ContractError(error.code, rest)
    try {
      const checked = await validate(declaration.data, data)
      if (checked.ok) return new ContractError(error.code, { ...rest, data: checked.value })
      return new Error(
        `${this.#id} failed with ${error.code} and data that its contract refuses: ${describeIssues(checked.issues)}`,
      )
    } catch (failure) {
      return failure
    }
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

  #handleAlone(call: Admitted): Promise<unknown> {
    const { entry, principal, raw } = call
    const key = this.#envelope.idempotencyKey
    const { kind, policy } = entry.operation
    if (key === undefined || kind !== 'command' || policy.idempotent === true) {
      return this.#withTimeLimit(entry, (limit) => this.#transact(call, limit))
    }
    this.#enter('idempotency')
    const scope = idempotencyScope(principal, entry.id, key)
    const inputHash = this.#runtime.ports.hash(canonicalJson(raw))
    return afterTwins(this.#runtime, scope, () =>
      this.#withTimeLimit(entry, (limit) => track(this.#runtime, scope, this.#transact(call, limit, { scope, inputHash }))),
    )
  }

  #transact(call: Admitted, limit: TimeLimit, once?: { readonly scope: string; readonly inputHash: string }): Promise<unknown> {
    const { entry, binding, principal, input } = call
    const { unitOfWork, now, onEmitted } = this.#runtime.ports
    const isEmitter = entry.operation.emits.length > 0
    let hasEmitted = false
    const answer = (unitOfWork as UnitOfWork).run(principal.tenant, async (tx) => {
      if (once !== undefined) {
        const kept = await findKept(tx, once.scope, once.inputHash, now())
        if (kept !== undefined) {
          this.#replayed = true
          return kept.answer
        }
      }
      this.#enter('handle')
      const { signal } = limit
      const context = { input, principal, fail: binding.fail, call: this.#info(), signal, tx }
      const emitting = isEmitter ? createEmitting(entry, binding.module, tx, this.#runtime.ports) : undefined
      const output = await binding.handle((emitting === undefined ? context : { ...context, emit: emitting.emit }) as never)
      this.#enter('check')
      const emitted = emitting === undefined ? [] : await emitting.close()
      const validated = validate(entry.operation.io.output, output)
      const checked = 'then' in validated ? await validated : validated
      if (!checked.ok) throw badOutput(entry, checked.issues)
      if (!limit.stop()) throw timedOut(entry)
      this.#enter('commit')
      if (once !== undefined) await keepAnswer(tx, once.scope, once.inputHash, checked.value, now())
      hasEmitted = emitted.length > 0
      if (hasEmitted) await tx.emitted.add(emitted)
      return checked.value
    })
    if (!isEmitter) return answer
    return answer.then((output) => {
      if (hasEmitted) onEmitted?.()
      return output
    })
  }

  #handleInGroup(call: Admitted): Promise<unknown> {
    const { entry, binding, principal, input } = call
    return this.#withTimeLimit(entry, async (limit) => {
      let passed: { readonly output: CheckedOutput } | undefined
      const check: OutputCheck<unknown> = (output) => {
        this.#enter('check')
        const result = checkNow(entry, output)
        if (!result.ok) return result
        if (!limit.stop()) return { ok: false, error: timedOut(entry) }
        this.#enter('commit')
        passed = result
        return result
      }
      this.#enter('handle')
      const { signal } = limit
      const output = await binding.handle({ input, principal, fail: binding.fail, call: this.#info(), signal, check } as never)
      if (passed?.output !== output || passed === undefined) {
        throw new Error(`The handler of ${entry.id} returned an output that it did not check; return what check(…) gave.`)
      }
      return output
    })
  }

  /** The time limit is for the opening; from then on the stream lasts as long as the caller and the credential do. */
  #open({ entry, binding, principal, input }: Admitted): Promise<Stream<unknown>> {
    const { now, after, onFailure } = this.#runtime.ports
    const { '~stream': item } = entry.operation.io.output as StreamSchema<unknown, unknown>
    const controller = newAbortController()
    const { signal } = controller
    const abort = () => controller.abort()
    onAbort(signal, onAbort(this.#envelope.signal, abort))
    if (principal.kind === 'learner' && principal.expiresAt !== undefined) {
      onAbort(signal, after(Math.min(principal.expiresAt - now(), LONGEST_TIMER), abort))
    }
    const open = async (limit: TimeLimit) => {
      this.#enter('handle')
      const output = await binding.handle({ input, principal, fail: binding.fail, call: this.#info(), signal } as never)
      this.#enter('check')
      const checked = await validate(entry.operation.io.output, output)
      if (!checked.ok) throw badOutput(entry, checked.issues)
      const guarded = openStream(checked.value as Stream<unknown>, {
        controller,
        check: async (value) => {
          const result = await validate(item, value)
          if (!result.ok) throw badItem(entry, result.issues)
          return result.value
        },
        toProblem: (error) => this.problem(error),
        onFailure: (error) => onFailure?.({ requestId: this.#requestId, operation: entry.id, error }),
      })
      if (!limit.stop()) throw timedOut(entry)
      return guarded
    }
    return this.#withTimeLimit(entry, open).catch((error: unknown) => {
      abort()
      throw error
    })
  }

  #withTimeLimit<T>(entry: OperationEntry, work: (limit: TimeLimit) => Promise<T>): Promise<T> {
    const { timeoutMs } = entry.operation.policy.limits ?? {}
    return withTimeLimit(timeoutMs, this.#envelope.signal, this.#runtime.ports.after, () => timedOut(entry), work)
  }

  #info(): CallInfo {
    const { channel, idempotencyKey } = this.#envelope
    const requestId = this.#requestId
    return idempotencyKey === undefined ? { channel, requestId } : { channel, requestId, idempotencyKey }
  }

  #enter(stage: Stage): void {
    this.#report()
    if (this.#stage !== undefined) this.#stage = stage
  }

  /** Ends the last stage, with the code of a failure. */
  finish(code?: string): void {
    this.#report(code)
    this.#stage = undefined
  }

  #report(code?: string): void {
    const { onStage, now } = this.#runtime.ports
    const stage = this.#stage
    if (onStage === undefined || stage === undefined) return
    const end = now()
    const operation = this.#entry?.id ?? this.#id
    onStage({ requestId: this.#requestId, operation, stage, duration: end - this.#stageStart, ...(code && { code }) })
    this.#stageStart = end
  }
}

/** A longer timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

function timedOut(entry: OperationEntry): ContractError {
  return new ContractError('TIMEOUT', {
    detail: `${entry.id} took longer than ${entry.operation.policy.limits?.timeoutMs} ms and was rolled back.`,
  })
}
