import type { Bus, BusMessage, Settlement, Subscription } from '../bus.ts'

/** What the cases work with. */
export interface Harness {
  /** Opens a bus, which is closed after the test, with a subject and a group that no other test uses. */
  open(): Promise<{ readonly bus: Bus; readonly subject: string; readonly group: string }>
}

export const ACK: Settlement = { outcome: 'ack' }

/** A message whose body is a text. */
export function message(subject: string, text: string, key = ''): BusMessage {
  return { subject, key, headers: {}, body: new TextEncoder().encode(text) }
}

export function textOf({ body }: BusMessage): string {
  return new TextDecoder().decode(body)
}

/** A subscription that acks everything, but for what a case says. */
export function subscription(
  where: { readonly group: string; readonly subject: string },
  rest: Partial<Subscription> = {},
): Subscription {
  return {
    group: where.group,
    subjects: [where.subject],
    handle: async () => ACK,
    onDead: async () => {},
    retryDelay: () => 5,
    ...rest,
  }
}
