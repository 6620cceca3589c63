/** Events of one name that no contract and no mapping knows, counted. */
export interface UnknownEventRow {
  readonly tenant: string
  readonly name: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** What some of them looked like, as JSON text. */
  readonly samples: string
}

/** The counts of events that nothing knows: a few hundred rows for each tenant at most. */
export interface UnknownEventCounts {
  /**
   * Adds counts, one row for each tenant and name; the samples of the later row stay. Of each tenant only so many names are kept: those
   * that came last.
   */
  countUnknownEvents(rows: readonly UnknownEventRow[], names: number): Promise<void>
  /** All of a tenant, by (lastAt, name), newest first. */
  readUnknownEvents(tenant: string): Promise<readonly UnknownEventRow[]>
  /** Removes those that came last before a time. */
  pruneUnknownEvents(lastBefore: number): Promise<void>
}
