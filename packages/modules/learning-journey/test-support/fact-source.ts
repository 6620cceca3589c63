import type { FactQuery, StoredFact } from '../src/ports/index.ts'
import { settle } from './manual-timers.ts'

/** The part of a store that the feed reads, with facts that a test commits. */
export function createFactSource({ sequenced = false } = {}) {
  const facts: StoredFact[] = []
  const waiting: Omit<StoredFact, 'position'>[] = []
  const source = {
    facts,
    reads: [] as FactQuery[],
    sequences: 0,
    /** Thrown by every call while it is there. */
    failure: undefined as Error | undefined,
    /** Called when a page was read and is not answered yet. */
    beforeAnswer: async (_: FactQuery): Promise<void> => {},
    sequenced,
    commit(subject: string, tenant = 'acme'): void {
      const number = facts.length + waiting.length + 1
      const fact = { ...FACT, tenant, subject, factId: `f${number}` }
      if (sequenced) waiting.push(fact)
      else facts.push({ ...fact, position: number })
    },
    async sequence(): Promise<number> {
      source.sequences += 1
      check()
      const given = waiting.splice(0)
      for (const fact of given) facts.push({ ...fact, position: facts.length + 1 })
      return given.length
    },
    async readFacts(query: FactQuery): Promise<readonly StoredFact[]> {
      source.reads.push(query)
      check()
      const { tenant, subject, after = 0, limit } = query
      const found = facts
        .filter((fact) => fact.tenant === tenant && (subject === undefined || fact.subject === subject) && fact.position > after)
        .slice(0, limit)
      // Answers overtake each other.
      for (let turns = source.reads.length % 3; turns > 0; turns--) await settle()
      await source.beforeAnswer(query)
      return found
    },
    async lastPosition(tenant: string): Promise<number> {
      check()
      return facts.findLast((fact) => fact.tenant === tenant)?.position ?? 0
    },
  }
  const check = () => {
    if (source.failure !== undefined) throw source.failure
  }
  return source
}

const FACT = {
  name: 'learning.onboarding.step.completed',
  track: 'track',
  run: 0,
  step: 's1',
  causeSource: '',
  causeId: 'e1',
  occurredAt: 0,
  runStartedAt: 0,
  backfilled: false,
  heldOut: false,
  data: '{}',
}
