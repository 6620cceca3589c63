/**
 * The bus within a process. It stores nothing: who publishes waits until every group has settled the message, and has to publish it again
 * after a crash, and when a group has tried it as often as it tries. A handler must therefore not wait for what it publishes itself.
 *
 * States of a message in a group: ready (in the queue), running (with a member, its key busy), waiting (for its next try), settled, given back
 * (to who published it).
 * Invariants: of one subject and key at most one message runs; what is not settled is in the queue, with a member, or has a timer.
 */
import type { Ports } from '@waymark/contract'
import type { Bus, BusMessage, BusSubscription, Settlement, Subscription } from '../bus.ts'
import { checkMessage, checkSubscription } from '../check-names.ts'
import { BusError } from '../errors.ts'

export interface MemoryBusOptions {
  readonly after: Ports['after']
  /** Told when a handler threw or a dead message could not be kept; the message comes again. */
  readonly onFailure?: (error: unknown) => void
}

interface Pending {
  readonly message: BusMessage
  /** Subject and key; undefined when it has no order. */
  readonly order: string | undefined
  attempts: number
  /** Why it is dead, once it is. */
  deathReason: string | undefined
  settled(): void
  failed(error: Error): void
}

interface Member {
  readonly subscription: Subscription
  readonly subjects: ReadonlySet<string>
  readonly controller: AbortController
  running: number
  /** Called when the last handler has ended. */
  idle(): void
}

interface Group {
  readonly subjects: Set<string>
  readonly members: Set<Member>
  readonly queue: Pending[]
  readonly busy: Set<string>
}

const DEFAULTS = { maxAttempts: 8, concurrency: 16, graceMs: 5_000, retryDelay: (attempts: number) => 500 * 2 ** (attempts - 1) }
/** How long a handler whose signal is aborted is still waited for. */
const ABORTED_MS = 1_000

/** Opens a bus without a broker. */
export function createMemoryBus({ after, onFailure }: MemoryBusOptions): Bus {
  const groups = new Map<string, Group>()
  const unsettled = new Set<Pending>()
  const timers = new Set<() => void>()
  const subscriptions = new Set<BusSubscription>()
  let closed: BusError | undefined

  function assertOpen(): void {
    if (closed !== undefined) throw closed
  }

  function later(milliseconds: number, call: () => void): () => void {
    const cancel = after(milliseconds, () => {
      timers.delete(cancel)
      call()
    })
    timers.add(cancel)
    return () => {
      timers.delete(cancel)
      cancel()
    }
  }

  /** Gives members what they can take. */
  function dispatch(group: Group): void {
    for (let place = 0; place < group.queue.length; ) {
      const pending = group.queue[place] as Pending
      const isFree = pending.order === undefined || !group.busy.has(pending.order)
      const member = isFree ? freeMember(group, pending.message.subject) : undefined
      if (member === undefined) place += 1
      else {
        group.queue.splice(place, 1)
        void run(group, member, pending)
      }
    }
  }

  async function run(group: Group, member: Member, pending: Pending): Promise<void> {
    const { subscription } = member
    member.running += 1
    if (pending.order !== undefined) group.busy.add(pending.order)
    const next = await attempt(subscription, member.controller.signal, pending)
    member.running -= 1
    if (pending.order !== undefined) group.busy.delete(pending.order)
    if (next === 'settled') pending.settled()
    else if (next instanceof BusError) pending.failed(next)
    else if (closed === undefined) {
      later(next, () => {
        group.queue.push(pending)
        dispatch(group)
      })
    }
    if (member.running === 0) member.idle()
    dispatch(group)
  }

  /** One try. Answers in how many milliseconds the next one is due, or why there is none. */
  async function attempt(
    subscription: Subscription,
    signal: AbortSignal,
    pending: Pending,
  ): Promise<number | BusError | 'settled'> {
    const { maxAttempts = DEFAULTS.maxAttempts, retryDelay = DEFAULTS.retryDelay } = subscription
    let wanted: number | undefined
    if (pending.deathReason === undefined) {
      pending.attempts += 1
      const settlement = await settle(subscription, pending, signal)
      if (settlement.outcome === 'ack') return 'settled'
      if (settlement.outcome === 'dead') pending.deathReason = settlement.reason
      else if (pending.attempts >= maxAttempts) return unhandled(subscription, pending, settlement.reason)
      else wanted = settlement.delayMs
    }
    if (pending.deathReason !== undefined) {
      try {
        await subscription.onDead(pending.message, pending.deathReason)
        return 'settled'
      } catch (error) {
        onFailure?.(error)
      }
    }
    return wanted ?? retryDelay(pending.attempts)
  }

  async function settle(subscription: Subscription, pending: Pending, signal: AbortSignal): Promise<Settlement> {
    try {
      return await subscription.handle(pending.message, { number: pending.attempts, signal })
    } catch (error) {
      onFailure?.(error)
      return { outcome: 'retry', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  function enqueue(group: Group, message: BusMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        message,
        order: message.key === '' ? undefined : `${message.subject} ${message.key}`,
        attempts: 0,
        deathReason: undefined,
        settled() {
          unsettled.delete(pending)
          resolve()
        },
        failed(error) {
          unsettled.delete(pending)
          reject(error)
        },
      }
      unsettled.add(pending)
      group.queue.push(pending)
    })
  }

  return {
    async publish(messages) {
      assertOpen()
      for (const message of messages) checkMessage(message)
      const settled = messages.flatMap((message) =>
        [...groups.values()].filter(({ subjects }) => subjects.has(message.subject)).map((group) => enqueue(group, message)),
      )
      for (const group of groups.values()) dispatch(group)
      await Promise.all(settled)
    },
    async subscribe(subscription) {
      assertOpen()
      checkSubscription(subscription)
      const { group: name, subjects, graceMs = DEFAULTS.graceMs } = subscription
      const group = groups.get(name) ?? { subjects: new Set(), members: new Set(), queue: [], busy: new Set() }
      groups.set(name, group)
      for (const subject of subjects) group.subjects.add(subject)
      const controller = new AbortController()
      const member: Member = { subscription, subjects: new Set(subjects), controller, running: 0, idle: () => {} }
      group.members.add(member)
      dispatch(group)
      let closing: Promise<void> | undefined
      const close = async () => {
        group.members.delete(member)
        subscriptions.delete(subscribed)
        if (member.running === 0) return
        await new Promise<void>((resolve) => {
          let cancel = after(graceMs, () => {
            cancel = after(ABORTED_MS, resolve)
            controller.abort()
          })
          member.idle = () => {
            cancel()
            resolve()
          }
        })
      }
      const subscribed: BusSubscription = {
        close() {
          closing ??= close()
          return closing
        },
      }
      subscriptions.add(subscribed)
      return subscribed
    },
    async close() {
      closed ??= new BusError('BUS_CLOSED', 'The bus was closed. Publish what was not taken again on the next one.')
      for (const cancel of timers) cancel()
      timers.clear()
      await Promise.all([...subscriptions].map((subscription) => subscription.close()))
      for (const pending of unsettled) pending.failed(closed)
      unsettled.clear()
    },
  }
}

function unhandled({ group }: Subscription, { message, attempts }: Pending, reason: string): BusError {
  const what = `The group ${group} could not handle a message of ${message.subject}, tried ${attempts} times`
  return new BusError('BUS_UNHANDLED', `${what}. Publish it again later. The last reason: ${reason}`)
}

function freeMember(group: Group, subject: string): Member | undefined {
  const able = [...group.members].filter(
    ({ subjects, running, subscription }) =>
      subjects.has(subject) && running < (subscription.concurrency ?? DEFAULTS.concurrency),
  )
  return able.sort((a, b) => a.running - b.running)[0]
}
