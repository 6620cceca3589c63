import { expect, it, vi } from 'vitest'
import type { Attempt, BusMessage, Settlement } from '../bus.ts'
import { ACK, type Harness, message, subscription, textOf } from './harness.ts'

export function retryCases({ open }: Harness): void {
  it('delivers again what was refused, and what threw, until it is taken', async () => {
    const { bus, subject, group } = await open()
    const tries: number[] = []
    const handle = async (_: BusMessage, { number }: Attempt): Promise<Settlement> => {
      tries.push(number)
      if (number === 1) return { outcome: 'retry', reason: 'not yet', delayMs: 1 }
      if (number === 2) throw new Error('the mail server is away')
      return ACK
    }
    await bus.subscribe(subscription({ subject, group }, { handle }))
    await bus.publish([message(subject, 'again')])
    await vi.waitFor(() => expect(tries).toEqual([1, 2, 3]))
  })

  it('holds up no other message while one waits for its next try', async () => {
    const { bus, subject, group } = await open()
    const got: string[] = []
    const rest = Promise.withResolvers<void>()
    const handle = async (message: BusMessage, { number }: Attempt): Promise<Settlement> => {
      const text = textOf(message)
      if (text === 'bad' && number === 1) return { outcome: 'retry', reason: 'not yet', delayMs: 1 }
      if (text === 'bad') await rest.promise
      got.push(text)
      if (got.length === 5) rest.resolve()
      return ACK
    }
    await bus.subscribe(subscription({ subject, group }, { handle }))
    await bus.publish(['bad', '1', '2', '3', '4', '5'].map((text) => message(subject, text, text)))
    await vi.waitFor(() => expect(got).toContain('bad'))
    expect(got.at(-1)).toBe('bad')
  })

  it('loses nothing that failed often and may succeed later: it comes again, or is given back to who published it', async () => {
    const { bus, subject, group } = await open()
    let isDown = true
    let failed = 0
    const got = new Set<string>()
    const dead: string[] = []
    await bus.subscribe(
      subscription(
        { subject, group },
        {
          maxAttempts: 3,
          handle: async (message, { number }) => {
            if (textOf(message) === 'bad' && isDown) {
              failed += 1
              return { outcome: 'retry', reason: `try ${number} failed` }
            }
            got.add(textOf(message))
            return ACK
          },
          onDead: async (_, reason) => void dead.push(reason),
        },
      ),
    )
    const bad = message(subject, 'bad', 'a')
    const given = bus.publish([bad]).catch(async (error: unknown) => {
      expect(error).toMatchObject({ code: 'BUS_UNHANDLED' })
      isDown = false
      await bus.publish([bad])
    })
    await bus.publish([message(subject, 'good', 'a')])
    await vi.waitFor(() => expect(failed).toBeGreaterThanOrEqual(3))
    isDown = false
    await given
    await vi.waitFor(() => expect([...got].sort()).toEqual(['bad', 'good']))
    expect(dead).toEqual([])
  })

  it('does not try again what can never succeed', async () => {
    const { bus, subject, group } = await open()
    let tries = 0
    const dead: string[] = []
    const handle = async (): Promise<Settlement> => {
      tries += 1
      return { outcome: 'dead', reason: 'no such event' }
    }
    const onDead = async (_: BusMessage, reason: string) => {
      dead.push(reason)
    }
    await bus.subscribe(subscription({ subject, group }, { handle, onDead }))
    await bus.publish([message(subject, 'bad')])
    await vi.waitFor(() => expect(dead).toEqual(['no such event']))
    expect(tries).toBe(1)
  })

  it('does not lose a dead message that could not be kept', async () => {
    const { bus, subject, group } = await open()
    let isFull = true
    const dead: string[] = []
    const onDead = async (message: BusMessage) => {
      if (isFull) {
        isFull = false
        throw new Error('the disk is full')
      }
      dead.push(textOf(message))
    }
    const handle = async (): Promise<Settlement> => ({ outcome: 'dead', reason: 'no such event' })
    await bus.subscribe(subscription({ subject, group }, { handle, onDead }))
    await bus.publish([message(subject, 'bad')])
    await vi.waitFor(() => expect(dead).toEqual(['bad']))
  })
}
