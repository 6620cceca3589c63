import {
  type CompiledTrack,
  type Entry,
  type EntryRef,
  type FactName,
  foldSubject,
  SubjectRow,
  type TrackState,
} from '@waymark/learning-journey/engine'

/** A subject's journal and state in memory: feeds the fold as the record path does, one round after the other. */
export class Replay {
  readonly #track: CompiledTrack
  readonly #journal = new Map<string, Entry>()
  row: Uint8Array | null = null
  /** `name:step` of every fact, each with how often it came. */
  readonly facts = new Map<string, number>()
  /** By step: the cause of its first completion, as it was announced. */
  readonly causes = new Map<string, EntryRef>()
  xp = 0
  rebuilds = 0

  constructor(track: CompiledTrack) {
    this.#track = track
  }

  /** One round with these entries, in the order they arrive. */
  arrive(...entries: readonly Entry[]): void {
    const hasHistory = this.#journal.size > 0
    const fresh = entries.filter((entry, index) => {
      const key = `${entry.source}\0${entry.eventId}`
      const isNew = !this.#journal.has(key) && entries.findIndex((other) => `${other.source}\0${other.eventId}` === key) === index
      return isNew
    })
    for (const entry of fresh) this.#journal.set(`${entry.source}\0${entry.eventId}`, entry)
    const input = { row: this.row, hasHistory, entries: fresh, tracksOf: () => [this.#track], trace: true }
    let result = foldSubject(input)
    if (result.needs.length > 0) {
      this.rebuilds++
      result = foldSubject({ ...input, history: () => [...this.#journal.values()] })
    }
    if (result.row !== null) this.row = result.row
    for (const fact of result.facts) {
      const name = `learning.onboarding.${fact.name satisfies FactName}:${fact.step < 0 ? '' : this.#track.steps[fact.step]?.key}`
      this.facts.set(name, (this.facts.get(name) ?? 0) + 1)
      this.xp += fact.data.xp ?? 0
      if (fact.name === 'step.completed') this.causes.set(this.#track.steps[fact.step]?.key ?? '', fact.cause)
    }
  }

  get state(): TrackState | undefined {
    return new SubjectRow(this.row).get(this.#track)?.state
  }
}
