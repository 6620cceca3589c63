import { expect, it, vi } from 'vitest'
import type { BusMessage } from '../bus.ts'
import { ACK, type Harness, message, subscription, textOf } from './harness.ts'

export function deliveryCases({ open }: Harness): void {
  it('carries a message as it is', async () => {
    const { bus, subject, group } = await open()
    const got: BusMessage[] = []
    await bus.subscribe(
      subscription(
        { subject, group },
        {
          handle: async (message) => {
            got.push(message)
            return ACK
          },
        },
      ),
    )
    const sent = { subject, key: 'ada', headers: { 'ce-id': 'e 1', 'content-type': 'x/y' }, body: Uint8Array.of(0, 255, 10) }
    await bus.publish([sent])
    await vi.waitFor(() => expect(got).not.toHaveLength(0))
    const { key, headers, body } = got[0] as BusMessage
    expect({ subject: got[0]?.subject, key, headers, body: [...body] }).toEqual({ ...sent, body: [0, 255, 10] })
  })

  it('gives every group all messages of its subjects, and nothing else', async () => {
    const { bus, subject, group } = await open()
    const got: Record<string, Set<string>> = { a: new Set(), b: new Set() }
    for (const name of ['a', 'b']) {
      const subjects = name === 'a' ? [subject] : [subject, `${subject}.more`]
      const handle = async (message: BusMessage) => {
        got[name]?.add(textOf(message))
        return ACK
      }
      await bus.subscribe(subscription({ subject, group: `${group}${name}` }, { subjects, handle }))
    }
    await bus.publish([message(subject, '1'), message(`${subject}.more`, '2'), message(subject, '3')])
    await vi.waitFor(() => expect(got.b?.size).toBe(3))
    await vi.waitFor(() => expect(got.a?.size).toBe(2))
    expect([...(got.a ?? [])].sort()).toEqual(['1', '3'])
  })

  it('gives a message to one member of a group, and lets members share the work', async () => {
    const { bus, subject, group } = await open()
    const got: string[] = []
    const members = new Set<number>()
    const both = Promise.withResolvers<void>()
    for (const member of [1, 2]) {
      const handle = async (message: BusMessage) => {
        got.push(textOf(message))
        members.add(member)
        if (members.size === 2) both.resolve()
        await both.promise
        return ACK
      }
      await bus.subscribe(subscription({ subject, group }, { handle, concurrency: 1 }))
    }
    // Enough keys that every partition of a broker has some.
    const texts = Array.from({ length: 40 }, (_, n) => `m${n}`)
    await bus.publish(texts.map((text) => message(subject, text, `k${text}`)))
    await vi.waitFor(() => expect(new Set(got)).toEqual(new Set(texts)))
    expect(members.size).toBe(2)
  })

  it('handles messages with the same key one after the other, in their order, and others meanwhile', async () => {
    const { bus, subject, group } = await open()
    const order: string[] = []
    const running = new Map<string, number>()
    const other = Promise.withResolvers<void>()
    const handle = async (message: BusMessage) => {
      const { key } = message
      running.set(key, (running.get(key) ?? 0) + 1)
      expect(running.get(key)).toBe(1)
      if (key === 'ada' && order.length === 0) await other.promise
      else other.resolve()
      if (key === 'ada') order.push(textOf(message))
      running.set(key, 0)
      return ACK
    }
    await bus.subscribe(subscription({ subject, group }, { handle }))
    const ofAda = Array.from({ length: 10 }, (_, n) => message(subject, `${n}`, 'ada'))
    const ofOthers = Array.from({ length: 20 }, (_, n) => message(subject, `${n}`, `other ${n}`))
    await bus.publish([...ofAda, ...ofOthers])
    await vi.waitFor(() => expect(order.length).toBeGreaterThanOrEqual(10))
    expect([...new Set(order)]).toEqual(ofAda.map(textOf))
  })

  it('keeps what comes while nobody of a group is there', async () => {
    const { bus, subject, group } = await open()
    await (await bus.subscribe(subscription({ subject, group }))).close()
    const published = bus.publish([message(subject, 'kept')])
    const got: string[] = []
    const handle = async (message: BusMessage) => {
      got.push(textOf(message))
      return ACK
    }
    await bus.subscribe(subscription({ subject, group }, { handle }))
    await published
    await vi.waitFor(() => expect(got).toContain('kept'))
  })

  it('takes a message for which nobody has ever subscribed', async () => {
    const { bus, subject } = await open()
    await bus.publish([message(subject, 'alone')])
  })

  it.each([
    ['subject', { subject: 'deal created' }],
    ['subject', { subject: 'deal..created' }],
    ['header name', { headers: { 'Ce-Id': 'x' } }],
    ['value of the header', { headers: { 'ce-id': 'é' } }],
  ])('refuses a %s that not every broker carries: %j', async (what, part) => {
    const { bus, subject } = await open()
    const error = await bus.publish([{ ...message(subject, ''), ...part } as BusMessage]).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'BUS_NAME_ILLEGAL', message: expect.stringContaining(`The ${what} `) })
  })

  it('refuses a group that not every broker can name', async () => {
    const { bus, subject } = await open()
    await expect(bus.subscribe(subscription({ subject, group: 'a.b' }))).rejects.toMatchObject({ code: 'BUS_NAME_ILLEGAL' })
  })
}
