import type { Bus } from '@waymark/bus'
import type { Runtime } from '@waymark/contract'
import type { LearningJourney } from '@waymark/learning-journey'
import type { Mapping } from '@waymark/surface/rest'
import { DEFAULT_TENANT } from '../auth/default-tenant.ts'
import type { Logger } from '../logger.ts'

/** Listens to the bus, and hands on what the journey records and derives. */
export async function startBus(options: {
  readonly runtime: Runtime
  readonly journey: Pick<LearningJourney, 'relay'>
  readonly mappings: readonly Mapping[]
  readonly logger: Logger
  readonly after: Runtime['ports']['after']
}): Promise<{ close(): Promise<void> }> {
  const { runtime, journey, mappings, logger, after } = options
  const [{ createMemoryBus }, { createBusConsumer, toMessage }] = await Promise.all([
    import('@waymark/bus/memory'),
    import('@waymark/surface/bus'),
  ])
  const bus: Bus = createMemoryBus({
    after,
    onFailure: (error) => logger.error({ err: error }, 'a message of the bus could not be handled'),
  })
  const consumer = createBusConsumer({ runtime, mappings, defaultTenant: DEFAULT_TENANT })
  await bus.subscribe({
    group: 'waymark',
    // The relay tries again, with what the journal says then, and holds up nothing else meanwhile.
    maxAttempts: 1,
    subjects: consumer.subjects,
    handle: (message, { signal }) => consumer.consume(message, signal),
    // What it says stays in the journal; here is only which one it is, and why.
    onDead: async ({ subject, headers }, reason) =>
      logger.error({ subject, source: headers['ce-source'], id: headers['ce-id'], reason }, 'an event was given up'),
  })
  const relay = journey.relay((events) => bus.publish(events.map(toMessage)))
  return {
    async close() {
      await Promise.all([relay.close(), bus.close()])
    },
  }
}
