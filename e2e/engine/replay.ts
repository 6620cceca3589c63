import {
  type Calendar,
  type Checkpoint,
  type CompiledTrack,
  cutSubject,
  type Entry,
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
    const hasHistory = this.#journal.size > 0
    this.#now = Math.max(this.#now, ...entries.map(({ receivedAt }) => receivedAt))
    const fresh = entries.filter((entry, index) => {
      const key = keyOf(entry)
      return !this.#journal.has(key) && entries.findIndex((other) => keyOf(other) === key) === index
    })
    for (const entry of fresh) this.#journal.set(keyOf(entry), entry)
    const input = {
      row: this.row,
      hasHistory,
      entries: fresh,
      tracksOf: () => [this.#track],
      trackOf: () => this.#track,
      now: this.#now,
      calendar: this.#calendar,
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
