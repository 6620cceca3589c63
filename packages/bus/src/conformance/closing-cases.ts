import { expect, it, vi } from 'vitest'
import type { BusMessage } from '../bus.ts'
import { ACK, type Harness, message, subscription, textOf } from './harness.ts'

export function closingCases({ open }: Harness): void {
  it('lets handlers that run end before a subscription is closed, and gives it nothing more', async () => {
    const { bus, subject, group } = await open()
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const got: string[] = []
    const handle = async (message: BusMessage) => {
      started.resolve()
      await release.promise
      got.push(textOf(message))
      return ACK
    }
    const subscribed = await bus.subscribe(subscription({ subject, group }, { handle, concurrency: 1 }))
    bus.publish([message(subject, '1'), message(subject, '2')]).catch(() => {})
    await started.promise
    let isClosed = false
    const closing = subscribed.close().then(() => {
      isClosed = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    release.resolve()
    await closing
    expect(got).toEqual(['1'])
  })

  it('tells handlers when it will not wait for them any longer', async () => {
    const { bus, subject, group } = await open()
    const started = Promise.withResolvers<void>()
    const subscribed = await bus.subscribe(
      subscription(
        { subject, group },
        {
          graceMs: 1,
          handle: async (_, { signal }) => {
            started.resolve()
            await vi.waitFor(() => expect(signal.aborted).toBe(true))
            return { outcome: 'retry', reason: 'stopped' }
          },
        },
      ),
    )
    bus.publish([message(subject, '1')]).catch(() => {})
    await started.promise
    await subscribed.close()
  })

  it('does not wait for ever for a handler that never ends', async () => {
    const { bus, subject, group } = await open()
    const started = Promise.withResolvers<void>()
    const handle = () => {
      started.resolve()
      return new Promise<never>(() => {})
    }
    await bus.subscribe(subscription({ subject, group }, { graceMs: 1, handle }))
    bus.publish([message(subject, '1')]).catch(() => {})
    await started.promise
    await bus.close()
  })

  it('takes nothing once it is closed, and may be closed twice', async () => {
    const { bus, subject, group } = await open()
    await bus.close()
    await bus.close()
    await expect(bus.publish([message(subject, '1')])).rejects.toMatchObject({ code: 'BUS_CLOSED' })
    await expect(bus.subscribe(subscription({ subject, group }))).rejects.toMatchObject({ code: 'BUS_CLOSED' })
  })
}
