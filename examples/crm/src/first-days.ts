/** What one person does in their first days, as the product reports it: six events over three days. */
export interface ProductEvent {
  readonly messageId: string
  readonly event: string
  readonly properties: Record<string, unknown>
  readonly timestamp: Date
}

const HOUR = 3_600_000

/** @param start epoch milliseconds of the first event. Ids are the same for the same person, so a repeat is recognised. */
export function firstDays(person: string, start: number): ProductEvent[] {
  const event = (hours: number, name: string, properties: Record<string, unknown>): ProductEvent => ({
    messageId: `${person}:${name}`,
    event: name,
    properties,
    timestamp: new Date(start + hours * HOUR),
  })
  return [
    event(0, 'pipeline.created', { pipelineId: 'p-1', name: 'New business' }),
    event(1, 'contact.created', { contactId: 'c-1' }),
    event(2, 'deal.created', { dealId: 'd-1', pipelineId: 'p-1', amount: 4_800, currency: 'EUR' }),
    event(26, 'task.completed', { taskId: 't-1', kind: 'call' }),
    event(27, 'deal.moved', { dealId: 'd-1', from: 'new', to: 'offer' }),
    event(50, 'deal.won', { dealId: 'd-1', amount: 4_800 }),
  ]
}
