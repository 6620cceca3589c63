import type { EmittedEvent } from '@waymark/contract'
import type { EmittedRow } from '@waymark/learning-journey/ports'

/** An emitted event as a table takes it; the tenant is that of the transaction. */
export type NewEmitted = Pick<EmittedRow, 'subject' | 'event' | 'body'>

export function toNewEmitted(event: EmittedEvent): NewEmitted {
  return { subject: `l:${event.learnerId}`, event: `${event.key}@${event.major}`, body: JSON.stringify(event) }
}
