import {
  type Calendar,
  type Checkpoint,
  type CompiledTrack,
  compileTrack,
  cutSubject,
  type DerivedFact,
  type Entry,
  type EntryOutcome,
  type EntryRef,
  type FactName,
  foldSubject,
  type Need,
  type Outdated,
  SubjectRow,
  type TrackState,
  utcCalendar,
} from '@waymark/learning-journey/engine'

/** A subject's journal, state and checkpoints in memory: feeds the fold as the record path does, one round after the other. */
export class Replay {
  readonly #track: CompiledTrack
  readonly #checkpointEvery: number
  readonly #trace: boolean
  readonly #journal = new Map<string, Entry>()
  readonly #checkpoints = new Map<number, Checkpoint>()
  row: Uint8Array | null = null
  /** `name:step` of every fact, each with how often it came. */
  readonly facts = new Map<string, number>()
  /** By step: the cause of its first completion, as it was announced. */
  readonly causes = new Map<string, EntryRef>()
  xp = 0
  rebuilds = 0
  /** Entries that rebuilds read. */
  read = 0
  /** Rebuilds that started from a checkpoint. */
  resumed = 0
  /** Entries that sorted before a folded one and were taken without a rebuild, where they came alone. */
  inserted = 0

  /** What the entries of the last round did. */
  outcomes: readonly EntryOutcome[] = []
  /** Everything that was announced of the track, in order. */
  readonly announced: DerivedFact[] = []

  readonly #ids = new Set<string>()
  readonly #others = new Map<string, CompiledTrack>()
  #now = 0
  readonly #calendar: Calendar

  constructor(track: CompiledTrack, checkpointEvery = 1_000, trace = true, calendar: Calendar = utcCalendar) {
    this.#calendar = calendar
    this.#track = track
    this.#checkpointEvery = checkpointEvery
    this.#trace = trace
  }

  /** One round with these entries, in the order they arrive. */
  arrive(...entries: readonly Entry[]): void {
    this.#now = Math.max(this.#now, ...entries.map(({ receivedAt }) => receivedAt))
    this.#round(entries, false)
  }

  /** A round without entries: the clock is passed on to a moment. */
  wake(now: number): void {
    this.#now = Math.max(this.#now, now)
    this.#round([], true)
  }

  /** Completes other tracks, each at its moment, by an entry that only it counts. */
  completeOthers(completed: { readonly [key: string]: number }): void {
    for (const [key, at] of Object.entries(completed)) {
      const event = `other.${key}`
      const steps = [{ key: 'only', complete: { event } }]
      const other = compileTrack({ format: 'waymark.track/1', key, version: '1.0.0', steps })
      const body = { kind: 'event', source: 'app', name: event, version: '1.0.0', channel: 'import', payload: {} } as const
      this.#others.set(key, other)
      this.arrive({ ...body, eventId: event, occurredAt: at, receivedAt: at, track: key })
    }
  }

  #round(entries: readonly Entry[], wake: boolean): void {
    const hasHistory = this.#journal.size > 0
    const fresh = entries.filter((entry, index) => {
      const key = keyOf(entry)
      return !this.#journal.has(key) && entries.findIndex((other) => keyOf(other) === key) === index
    })
    for (const entry of fresh) this.#journal.set(keyOf(entry), entry)
    const input = {
      row: this.row,
      hasHistory,
      entries: fresh,
      tracksOf: ({ track }: Entry) => [(track === null ? undefined : this.#others.get(track)) ?? this.#track],
      trackOf: (key: string) => this.#others.get(key) ?? this.#track,
      dependents: (key: string) => (this.#track.after.includes(key) ? [this.#track] : []),
      now: this.#now,
      calendar: this.#calendar,
      wake,
      trace: this.#trace,
      checkpointEvery: this.#checkpointEvery,
    }
    const before = this.state
    let result = foldSubject(input)
    const [need] = result.needs
    if (need !== undefined) {
      this.rebuilds++
      const history = this.#history(need)
      result = foldSubject({ ...input, history: () => history })
    }
    this.#keep(result)
    this.outcomes = result.outcomes
    const after = this.state
    const isLast =
      after?.lastAt !== before?.lastAt || after?.lastId !== before?.lastId || after?.lastSource !== before?.lastSource
    if (need === undefined && before !== undefined && !isLast && after?.folded !== before.folded) this.inserted++
  }

  /** Forgets what happened before a moment, as retention does. */
  cut(moment: number): void {
    const input = {
      row: this.row,
      hasHistory: this.#journal.size > 0,
      cuts: new Map([[this.#track, moment]]),
      trackOf: () => this.#track,
      now: this.#now,
      calendar: this.#calendar,
      checkpointEvery: this.#checkpointEvery,
    }
    let result = cutSubject(input)
    const [need] = result.needs
    if (need !== undefined) {
      const history = this.#history(need)
      result = cutSubject({ ...input, history: () => history })
    }
    this.#keep(result)
    for (const [key, entry] of this.#journal) if (entry.kind === 'event' && entry.occurredAt < moment) this.#journal.delete(key)
  }

  get now(): number {
    return this.#now
  }

  get state(): TrackState | undefined {
    return new SubjectRow(this.row).get(this.#track)?.state
  }

  get checkpoints(): readonly Checkpoint[] {
    return [...this.#checkpoints.values()]
  }

  get journal(): readonly Entry[] {
    return [...this.#journal.values()]
  }

  #history({ before }: Need) {
    const checkpoint =
      before === null ? undefined : [...this.#checkpoints.values()].filter(({ at }) => at < before).sort((a, b) => b.at - a.at)[0]
    if (checkpoint !== undefined) this.resumed++
    const entries = [...this.#journal.values()].filter(({ occurredAt }) => occurredAt >= (checkpoint?.at ?? 0))
    this.read += entries.length
    return { checkpoint: checkpoint?.state ?? null, entries }
  }

  #keep(result: Pick<ReturnType<typeof foldSubject>, 'row' | 'facts' | 'checkpoints' | 'outdated'>): void {
    if (result.row !== null) this.row = result.row
    for (const { from, before } of result.outdated satisfies readonly Outdated[])
      for (const at of this.#checkpoints.keys()) if (at >= from && (before === null || at < before)) this.#checkpoints.delete(at)
    for (const checkpoint of result.checkpoints) this.#checkpoints.set(checkpoint.at, checkpoint)
    for (const fact of result.facts) {
      // A store keeps what has one id once.
      const { track, run, step, ordinal, isOnce } = fact
      const id = [isOnce ? '' : run, step, fact.name, ordinal].join(' ')
      if (track !== this.#track || this.#ids.has(id)) continue
      this.#ids.add(id)
      this.announced.push(fact)
      const name = `learning.onboarding.${fact.name satisfies FactName}:${fact.step < 0 ? '' : this.#track.steps[fact.step]?.key}`
      this.facts.set(name, (this.facts.get(name) ?? 0) + 1)
      this.xp += fact.name === 'xp.revoked' ? -(fact.data.xp ?? 0) : (fact.data.xp ?? 0)
      if (fact.name === 'step.completed') this.causes.set(this.#track.steps[fact.step]?.key ?? '', fact.cause)
    }
  }
}

function keyOf({ source, eventId }: Entry): string {
  return `${source}\0${eventId}`
}
