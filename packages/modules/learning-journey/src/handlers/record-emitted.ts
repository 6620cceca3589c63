import type { CheckedOutput, EmittedEvent, ServicePrincipal } from '@waymark/contract'
import type { z } from 'zod'
import type { IngestOutput, IngestStatus } from '../contracts/ingest.ts'
import { ingestItems } from './ingest.ts'
import { type Journey, toMoment } from './journey.ts'

/** The channel of what handlers emit. */
const EMIT = 'emit'
/** Statuses of what is in the journal, or was forgotten with its person. */
const AS_WISHED: ReadonlySet<IngestStatus> = new Set(['recorded', 'duplicate', 'unmatched', 'erased'])

/**
 * Records an emitted event as `learning.onboarding.ingest` would have, had it come when it was emitted. What that refuses is kept as rejected,
 * and `onFailure` is told, as it is of an id that was there with another content.
 */
export function recordEmitted(
  journey: Journey,
  onFailure: ((error: unknown) => void) | undefined,
): (tenant: string, event: EmittedEvent) => Promise<void> {
  return async (tenant, event) => {
    const { eventId, source, key, major, learnerId, accountId, occurredAt, emittedAt, payload } = event
    const principal: ServicePrincipal = { kind: 'service', tenant, id: EMIT, scopes: [] }
    const report = { principal, channel: EMIT, receivedAt: emittedAt, fallbackId: () => eventId }
    const item = {
      type: 'event',
      learnerId,
      ...(accountId === undefined ? {} : { accountId }),
      eventName: key,
      // Of two releases that run side by side each may have another minor version.
      eventVersion: String(major),
      eventId,
      sourceModule: source,
      ...(occurredAt === undefined ? {} : { occurredAt: toMoment(occurredAt) }),
      eventPayload: payload,
    }
    let result: z.infer<typeof IngestOutput>['results'][number] | undefined
    // A round that is done again asks again. There is no caller to whom the output goes.
    const check = (output: z.infer<typeof IngestOutput>) => {
      result = output.results[0]
      return { ok: true, output: output as unknown as CheckedOutput } as const
    }
    await ingestItems(journey, [item], () => report, check)
    if (result === undefined || AS_WISHED.has(result.status)) return
    const { status, problem } = result
    const reason = problem === undefined ? status : `${status} (${problem.code})`
    // What the problem says of the payload stays with the rejected event.
    onFailure?.(new Error(`The event ${key} ${eventId}, which ${source} emitted, was not recorded: ${reason}.`))
  }
}
