/**
 * A deliberately naive second implementation of docs/reference/track-semantics.md, written from that page alone: the state machine of runs.
 * Everything is sorted and replayed from the first entry; nothing is shared with the engine it checks.
 */
import { clear, countsOf, isMet, newCounter, offer, sumsOf } from './counter.ts'
import { isControl, orderedEntries, passesAnyLeaf, passesLeaf, passesMatch } from './journal.ts'
import { type StreakState, walk } from './streak.ts'
import { dateOf, isoDate, milliseconds, parseDuration, plus, plusFrom, startOfDate } from './time.ts'
import { conditionsOf, type Entry, type Key, leavesOf, type Reward, type Step, type Track } from './track.ts'
import { deepEqual, valuesAt, whereHolds } from './where.ts'

export type How = 'open' | 'completed' | 'skipped' | 'waived' | 'closed' | 'missed'
export type Outcome = 'completed' | 'missed' | 'exited' | 'reset'

export interface Fact {
  run: number
  /** Empty for facts of the run and the track. */
  step: string
  /** Without `learning.onboarding.`. */
  name: string
  ordinal: number
  at: number
  cause: Key
  data: { reason?: string; outcome?: string; branch?: string; xp?: number; badge?: string; day?: string; length?: number } & {
    from?: How
    to?: How
  }
}

export interface ExpectedRun {
  number: number
  startedAt: number
  start: Key
  completedAt: number | null
  endedAt: number | null
  outcome: Outcome | null
  steps: { [key: string]: { how: How; at: number | null; cause: Key | null } }
  /** Steps with `opens` that opened, in definition order. */
  opened: string[]
  /** By step with branches. */
  chosen: { [step: string]: string }
  streak: { length: number; best: number; freezes: number; creditedDays: string[] } | null
}

export interface Expected {
  runs: ExpectedRun[]
  /** By number of the leaf, in the run that is open, else in the last. */
  counts: number[]
  /** In millionths, null for leaves without a sum and below `correlate`. */
  sums: (number | null)[]
  facts: Fact[]
  xp: number
  badges: string[]
}

export interface Moment {
  /** The present; the time of the last entry when absent. */
  now?: number
  /** When the subject completed other tracks. */
  completedTracks?: { [key: string]: number }
}

/** The cause of what a deadline derives. */
export const CLOCK: Key = { source: 'waymark', eventId: 'clock' }

interface StepState {
  how: How
  at: number
  cause: Key
  openedAt: number | null
  chosen: { branch: string; at: number } | null
  /** Corrections so far. */
  ordinal: number
}

interface Run {
  number: number
  key: unknown
  startedAt: number
  start: Key
  startDate: number
  startSince: number
  completedAt: number | null
  endedAt: number | null
  outcome: Outcome | null
  steps: Map<Step, StepState>
  streak: StreakState
}

interface Trigger {
  at: number
  cause: Key
}

export function expectedOf(given: Track, entries: readonly Entry[], moment: Moment = {}): Expected {
  // A copy, because one leaf object used twice in a track would be one leaf.
  const track = JSON.parse(JSON.stringify(given)) as Track
  const replay = new Replay(track, moment.completedTracks ?? {})
  const ordered = orderedEntries(track, entries)
  for (const entry of ordered) replay.take(entry)
  replay.passTo(moment.now ?? ordered.at(-1)?.occurredAt ?? 0)
  return replay.result()
}

class Replay {
  readonly track: Track
  readonly completedTracks: { [key: string]: number }
  readonly runs: Run[] = []
  readonly facts: Fact[] = []
  /** What was granted and not taken back, by what it was for. */
  readonly granted = new Map<string, Reward>()
  /** How often it was taken back. */
  readonly takenBack = new Map<string, number>()
  readonly counters
  /** By step, the entry with which its condition became met; null: without any. */
  readonly metBy = new Map<Step, Key | null>()
  traits: { [name: string]: unknown } = {}
  zone: string
  /** Since when it is that zone. */
  zoneSince = Number.NEGATIVE_INFINITY

  constructor(track: Track, completedTracks: { [key: string]: number }) {
    this.track = track
    this.completedTracks = completedTracks
    this.zone = track.timezone ?? 'UTC'
    this.counters = new Map(track.steps.flatMap(conditionsOf).map((condition) => [condition, newCounter(condition)]))
    this.updateMet(null)
  }

  get open(): Run | undefined {
    const last = this.runs.at(-1)
    return last?.endedAt === null ? last : undefined
  }

  // --- One entry ----------------------------------------------------------------------------------------------------------

  take(entry: Entry): void {
    const { track } = this
    this.passTo(entry.occurredAt)
    const isOver = this.runs.length > 0 && this.open === undefined
    if (isOver && entry.kind === 'event' && (track.reentry?.mode ?? 'never') === 'never') return
    const trigger = { at: entry.occurredAt, cause: { source: entry.source, eventId: entry.eventId } }

    const hadTraits = this.hasAudienceTraits()
    if (isControl(track, entry, 'identified')) this.identify(entry)
    if (isControl(track, entry, 'exited')) this.end(trigger, 'exited')
    if (isControl(track, entry, 'reset') && this.runs.length > 0) {
      this.end(trigger, 'reset')
      this.start(trigger)
    } else if (this.open === undefined && this.mayStart(entry, hadTraits)) this.start(trigger, this.runKeyOf(entry))

    if (isControl(track, entry, 'skipped')) this.settleByHand(entry, 'skipped', trigger)
    if (isControl(track, entry, 'waived')) this.settleByHand(entry, 'waived', trigger)
    if (isControl(track, entry, 'revoked')) this.revoke(entry, trigger)
    if (entry.kind === 'event') {
      this.credit(entry, trigger)
      this.count(entry)
    }
    this.updateMet(trigger.cause)
    this.settle(trigger)
  }

  hasAudienceTraits(): boolean {
    return whereHolds(this.track.audience, this.traits)
  }

  identify(entry: Entry): void {
    this.traits = { ...this.traits, ...(valuesAt(entry.payload, '/traits')[0] as object) }
    const zone = typeof this.traits.timezone === 'string' ? this.traits.timezone : (this.track.timezone ?? 'UTC')
    if (zone === this.zone) return
    this.zone = zone
    this.zoneSince = entry.occurredAt
    this.showDate(entry.occurredAt)
  }

  mayStart(entry: Entry, hadTraits: boolean): boolean {
    const { track, completedTracks } = this
    const enrol = track.enrol ?? { mode: 'onFirstMatch' }
    const completed = (key: string) => (completedTracks[key] ?? Number.POSITIVE_INFINITY) <= entry.occurredAt
    if (!this.hasAudienceTraits()) return false
    if (track.after !== undefined && 'all' in track.after && !track.after.all.every(completed)) return false
    if (track.after !== undefined && 'any' in track.after && !track.after.any.some(completed)) return false
    const endedAt = this.runs.at(-1)?.endedAt ?? null
    if (endedAt !== null) {
      const reentry = track.reentry ?? { mode: 'never' }
      if (reentry.mode === 'never') return false
      if (reentry.mode === 'afterDuration' && entry.occurredAt < plus(endedAt, parseDuration(reentry.wait), this.zone))
        return false
    }
    if (track.reentry?.mode === 'perKey') {
      const key = this.runKeyOf(entry)
      if (key === undefined || this.runs.some((run) => deepEqual(run.key, key))) return false
    }
    switch (enrol.mode) {
      case 'onFirstMatch':
        return passesAnyLeaf(track, entry)
      case 'onEvent':
        return passesMatch(enrol, entry)
      case 'explicit':
        return isControl(track, entry, 'enrolled')
      case 'onSegment':
        return isControl(track, entry, 'identified') && !hadTraits
    }
  }

  /** What the run that an event starts is for. */
  runKeyOf({ kind, payload }: Entry): unknown {
    const { reentry } = this.track
    return reentry?.mode === 'perKey' && kind === 'event' ? valuesAt(payload, reentry.key)[0] : undefined
  }

  /** @param key what it is for, where there is a run for each value of a field. */
  start({ at, cause }: Trigger, key?: unknown): void {
    const startDate = dateOf(at, this.zone)
    const present = this.presentDate(at)
    const fresh = {
      how: 'open',
      at: 0,
      cause: CLOCK,
      openedAt: null,
      chosen: null,
      ordinal: 0,
    } as const
    const run: Run = {
      number: this.runs.length,
      key,
      startedAt: at,
      start: cause,
      startDate,
      startSince: at - startOfDate(startDate, this.zone),
      completedAt: null,
      endedAt: null,
      outcome: null,
      steps: new Map(this.track.steps.map((step) => [step, { ...fresh }])),
      streak: { shown: new Set([present]), credited: new Set(), present, told: new Set() },
    }
    if (run.number > 0) {
      for (const counter of this.counters.values()) clear(counter)
      this.metBy.clear()
    }
    for (const [step, met] of this.metBy) if (met === null) this.metBy.set(step, cause)
    this.runs.push(run)
    this.add('enrolled', '', { at, cause })
  }

  settleByHand(entry: Entry, how: 'skipped' | 'waived', trigger: Trigger): void {
    const step = this.track.steps.find(({ key }) => key === valuesAt(entry.payload, '/stepId')[0])
    if (this.open === undefined || step === undefined || this.stateOf(step).how !== 'open') return
    this.settleStep(step, how, trigger, trigger.cause)
  }

  revoke(entry: Entry, trigger: Trigger): void {
    const run = this.runs.at(-1)
    const step = this.track.steps.find(({ key }) => key === valuesAt(entry.payload, '/stepId')[0])
    const state = step && run?.steps.get(step)
    if (run === undefined || step === undefined || state?.how !== 'completed') return
    this.add('step.corrected', step.key, trigger, { from: 'completed', to: 'open' })
    this.takeBack(`step ${step.key}`, step.key, trigger)
    Object.assign(state, { how: 'open', chosen: null, ordinal: state.ordinal + 1 })
    for (const condition of conditionsOf(step)) this.counters.set(condition, newCounter(condition))
    this.metBy.delete(step)
  }

  // --- Counting -----------------------------------------------------------------------------------------------------------

  count(entry: Entry): void {
    let exclusiveTakenBy: number | null = null
    for (const [index, step] of this.track.steps.entries()) {
      const leaves = conditionsOf(step).flatMap((root) => leavesOf(root).map((leaf) => ({ root, leaf })))
      for (const { root, leaf } of leaves.reverse()) {
        const counter = this.counters.get(root)
        if (counter === undefined || !passesLeaf(root, leaf, entry)) continue
        const isOpen = this.open !== undefined
        if (isOpen ? this.stateOf(step).how !== 'open' : leaf.lookback !== 'ever') continue
        const { window } = leaf
        const since = window !== undefined && 'since' in window ? window : undefined
        if ((leaf.lookback === 'afterUnlock' || since?.since === 'unlock') && !this.isUnlocked(step)) continue
        if (since !== undefined && isOpen && entry.occurredAt > this.endOfWindow(step, since)) continue
        if (leaf.consume === 'exclusive' && exclusiveTakenBy !== null && exclusiveTakenBy < index) continue
        if (!offer(counter, leaf, entry, this.zone, this.traits)) continue
        if (leaf.consume === 'exclusive') exclusiveTakenBy = exclusiveTakenBy ?? index
      }
    }
  }

  endOfWindow(step: Step, { since, within }: { since: 'enrolment' | 'unlock'; within: string }): number {
    return since === 'enrolment' ? this.fromStart(within) : plus(this.unlockedAt(step), parseDuration(within), this.zone)
  }

  updateMet(cause: Key | null): void {
    for (const step of this.track.steps) {
      const counter = this.counters.get(step.complete)
      if (counter === undefined || !isMet(counter, this.traits)) this.metBy.delete(step)
      else if (!this.metBy.has(step)) this.metBy.set(step, cause)
    }
  }

  // --- Settling -----------------------------------------------------------------------------------------------------------

  settle(trigger: Trigger): void {
    const run = this.open
    if (run === undefined) return
    for (let again = true; again; ) {
      again = false
      for (const step of this.track.steps) {
        if (this.stateOf(step).how !== 'open') continue
        const way = this.wayTo(step)
        const cause = this.metBy.get(step)
        if (way !== undefined && (way.from.how === 'closed' || (way.from.chosen !== null && !way.isChosen))) {
          this.settleStep(step, 'closed', trigger, trigger.cause)
        } else if (way !== undefined && (this.dueAt(step) ?? trigger.at) < trigger.at) {
          this.settleStep(step, 'missed', trigger, trigger.cause)
        } else if (this.isUnlocked(step) && cause) {
          this.settleStep(step, 'completed', trigger, cause)
        } else continue
        again = true
      }
    }
    this.finish(run, trigger)
  }

  settleStep(step: Step, how: Exclude<How, 'open'>, { at }: Trigger, cause: Key): void {
    const state = this.stateOf(step)
    Object.assign(state, { how, at, cause })
    if (how === 'closed') return
    this.add(`step.${how}`, step.key, { at, cause })
    if (how === 'completed') this.grant(`step ${step.key}`, step.key, step.reward, { at, cause })
    if (step.branches === undefined || state.chosen !== null) return
    const first = step.branches.find(({ when }) => {
      const counter = when && this.counters.get(when)
      return counter !== undefined && isMet(counter, this.traits)
    })
    const branch = first?.key ?? step.default ?? ''
    state.chosen = { branch, at }
    // Chosen again after a revocation, a branch is no news.
    const { number } = this.openRun()
    const isKnown = this.facts.some(({ run, step: key, data }) => run === number && key === step.key && data.branch === branch)
    if (!isKnown && branch !== '') this.add('branch.chosen', step.key, { at, cause }, { branch })
  }

  finish(run: Run, trigger: Trigger): void {
    const required = this.track.steps.filter((step) => step.required !== false)
    const canBeDone = (steps: Step[]) => steps.some((step) => this.stateOf(step).how === 'open' && !this.isStuck(step))
    if (run.completedAt === null && required.every((step) => this.isSatisfied(step))) {
      run.completedAt = trigger.at
      this.add('track.completed', '', trigger)
      this.grant('track', '', this.track.completion, trigger)
    }
    if (run.completedAt !== null) {
      if (!canBeDone(this.track.steps)) this.end(trigger, 'completed')
    } else if (!canBeDone(required)) this.end(trigger, 'missed')
  }

  /** An open step that waits for one that is missed, or that cannot be done either. */
  isStuck(step: Step): boolean {
    const never = (key: string) => {
      const other = this.stepOf(key)
      const { how } = this.stateOf(other)
      return how === 'missed' || (how === 'open' && this.isStuck(other))
    }
    const { all = [], any } = step.after ?? {}
    const way = this.wayTo(step)
    return all.some(never) || (any?.every(never) ?? false) || (way !== undefined && way.from.chosen === null && never(way.key))
  }

  end(trigger: Trigger, outcome: Outcome): void {
    const run = this.open
    if (run === undefined) return
    if (outcome === 'missed') this.add('track.ended', '', trigger, { outcome })
    if (outcome === 'exited' || outcome === 'reset') this.add('exited', '', trigger, { reason: outcome })
    run.endedAt = trigger.at
    run.outcome = outcome
  }

  openRun(): Run {
    if (this.open === undefined) throw new Error('no run is open')
    return this.open
  }

  stepOf(key: string): Step {
    const step = this.track.steps.find((step) => step.key === key)
    if (step === undefined) throw new Error(`no step ${key}`)
    return step
  }

  stateOf(step: Step): StepState {
    const state = this.openRun().steps.get(step)
    if (state === undefined) throw new Error(`no state of ${step.key}`)
    return state
  }

  isSatisfied(step: Step): boolean {
    return ['completed', 'skipped', 'waived', 'closed'].includes(this.stateOf(step).how)
  }

  /** The branch that the step belongs to. */
  wayTo(step: Step): { key: string; from: StepState; isChosen: boolean } | undefined {
    if (step.after?.branch === undefined) return undefined
    const [key = '', branch] = step.after.branch.split('.')
    const from = this.stateOf(this.stepOf(key))
    return { key, from, isChosen: from.chosen?.branch === branch }
  }

  isUnlocked(step: Step): boolean {
    if (this.open === undefined) return false
    const { all = [], any } = step.after ?? {}
    const satisfied = (key: string) => this.isSatisfied(this.stepOf(key))
    return (
      (step.opens === undefined || this.stateOf(step).openedAt !== null) &&
      all.every(satisfied) &&
      (any === undefined || any.some(satisfied)) &&
      (this.wayTo(step)?.isChosen ?? true)
    )
  }

  unlockedAt(step: Step): number {
    const { all = [], any } = step.after ?? {}
    const times = (keys: string[]) =>
      keys.flatMap((key) => (this.isSatisfied(this.stepOf(key)) ? [this.stateOf(this.stepOf(key)).at] : []))
    const first = any === undefined ? [] : [Math.min(...times(any))]
    const chosenAt = this.wayTo(step)?.from.chosen?.at ?? 0
    return Math.max(this.openRun().startedAt, this.stateOf(step).openedAt ?? 0, chosenAt, ...times(all), ...first)
  }

  // --- Time ---------------------------------------------------------------------------------------------------------------

  /** A change of zone moves deadlines of days, but not to before it. */
  moved(at: number): number {
    return Math.max(at, this.openRun().startedAt, this.zoneSince)
  }

  deadline(duration: string): number {
    const at = this.fromStart(duration)
    return parseDuration(duration).days === 0 ? at : this.moved(at)
  }

  fromStart(duration: string): number {
    const { startedAt, startDate, startSince } = this.openRun()
    const parsed = parseDuration(duration)
    return parsed.days === 0 ? startedAt + parsed.elapsed : plusFrom(startDate, startSince, parsed, this.zone)
  }

  opensAt(step: Step): number | null {
    const { how, openedAt } = this.stateOf(step)
    const { opens } = step
    if (opens === undefined || openedAt !== null || how !== 'open') return null
    return 'onDay' in opens
      ? this.moved(startOfDate(this.openRun().startDate + opens.onDay - 1, this.zone))
      : this.deadline(opens.after)
  }

  /** A step that waits for a branch is not due before that is chosen. */
  dueAt(step: Step): number | null {
    const isWaiting = this.wayTo(step)?.from.chosen === null
    if (step.due === undefined || isWaiting || this.stateOf(step).how !== 'open') return null
    return this.deadline(step.due.after)
  }

  endOfDay(): number | null {
    if (this.track.streak === undefined) return null
    return startOfDate(this.openRun().streak.present + 1, this.zone) + this.grace()
  }

  grace(): number {
    return milliseconds(this.track.streak?.grace ?? 'PT0S')
  }

  presentDate(at: number): number {
    return dateOf(at - this.grace(), this.zone)
  }

  /** Lets the deadlines up to a moment fire, each at its own, in order. */
  passTo(moment: number): void {
    while (this.open !== undefined) {
      const deadlines = this.deadlines().filter(({ at, rank }) => (rank === 2 ? at < moment : at <= moment))
      const [first] = deadlines.sort((a, b) => a.at - b.at || a.rank - b.rank)
      if (first === undefined) return
      first.fire()
      this.settle({ at: first.at, cause: CLOCK })
    }
  }

  /** Openings have rank 0, ends of days 1, `due` 2; within a rank in definition order, which sorting keeps. */
  deadlines(): { at: number; rank: number; fire: () => void }[] {
    const endOfDay = this.endOfDay()
    return [
      ...this.track.steps.flatMap((step) => {
        const [opensAt, dueAt] = [this.opensAt(step), this.dueAt(step)]
        return [
          ...(opensAt === null ? [] : [{ at: opensAt, rank: 0, fire: () => this.openStep(step, opensAt) }]),
          ...(dueAt === null
            ? []
            : [{ at: dueAt, rank: 2, fire: () => this.settleStep(step, 'missed', { at: dueAt, cause: CLOCK }, CLOCK) }]),
        ]
      }),
      ...(endOfDay === null ? [] : [{ at: endOfDay, rank: 1, fire: () => this.showDate(endOfDay) }]),
    ]
  }

  openStep(step: Step, at: number): void {
    this.stateOf(step).openedAt = at
    this.add('step.opened', step.key, { at, cause: CLOCK })
  }

  /** The clock shows another date: what lies behind it is over; where it went back, those dates are open again. */
  showDate(at: number): void {
    const run = this.open
    const { streak: rule } = this.track
    if (run === undefined || rule === undefined) return
    const { streak } = run
    const before = streak.present
    streak.present = this.presentDate(at)
    streak.shown.add(streak.present)
    const { verdicts } = walk(rule, streak, streak.present)
    for (let date = before; date < streak.present; date++) {
      const verdict = verdicts.get(date)
      if (verdict === undefined || streak.told.has(date)) continue
      streak.told.add(date)
      const { name, length } = verdict
      this.add(`streak.${name}`, '', { at, cause: CLOCK }, { day: isoDate(date), length })
    }
  }

  credit(entry: Entry, trigger: Trigger): void {
    const run = this.open
    const { streak: rule } = this.track
    if (run === undefined || rule === undefined || !passesMatch(rule.on, entry)) return
    const { present, credited } = run.streak
    if (credited.has(present)) return
    credited.add(present)
    const { length } = walk(rule, run.streak, present)
    const day = isoDate(present)
    this.add('streak.advanced', '', trigger, { day, length })
    this.grant(`day ${day}`, '', { xp: rule.xp ?? 0 }, trigger, day)
  }

  // --- Facts --------------------------------------------------------------------------------------------------------------

  add(name: string, key: string, { at, cause }: Trigger, data: Fact['data'] = {}, ordinal?: number): void {
    const run = this.runs.at(-1)
    if (run === undefined) throw new Error('no run')
    const state = key === '' ? undefined : run.steps.get(this.stepOf(key))
    this.facts.push({ run: run.number, step: key, name, ordinal: ordinal ?? state?.ordinal ?? 0, at, cause, data })
  }

  grant(what: string, key: string, reward: Reward | undefined, trigger: Trigger, day?: string): void {
    const grant = this.grantOf(what)
    if (reward === undefined || this.granted.has(grant)) return
    this.granted.set(grant, reward)
    this.addReward('granted', grant, key, reward, trigger, day)
  }

  takeBack(what: string, key: string, trigger: Trigger): void {
    const grant = this.grantOf(what)
    const reward = this.granted.get(grant)
    if (reward === undefined) return
    this.granted.delete(grant)
    this.addReward('revoked', grant, key, reward, trigger)
    this.takenBack.set(grant, (this.takenBack.get(grant) ?? 0) + 1)
  }

  grantOf(what: string): string {
    return this.track.rewards === 'perRun' ? `${this.runs.length - 1} ${what}` : what
  }

  addReward(verb: 'granted' | 'revoked', grant: string, key: string, reward: Reward, trigger: Trigger, day?: string): void {
    const ordinal = this.takenBack.get(grant) ?? 0
    const { xp = 0, badge } = reward
    if (xp > 0) this.add(`xp.${verb}`, key, trigger, day === undefined ? { xp } : { xp, day }, ordinal)
    if (badge !== undefined) this.add(`badge.${verb}`, key, trigger, { badge }, ordinal)
  }

  // --- Result -------------------------------------------------------------------------------------------------------------

  result(): Expected {
    const counters = this.track.steps.flatMap(conditionsOf).flatMap((condition) => this.counters.get(condition) ?? [])
    const rewards = [...this.granted.values()]
    return {
      runs: this.runs.map((run) => this.resultOf(run)),
      counts: counters.flatMap(countsOf),
      sums: counters.flatMap(sumsOf),
      facts: this.facts,
      xp: rewards.reduce((sum, { xp }) => sum + (xp ?? 0), 0),
      badges: rewards.flatMap(({ badge }) => (badge === undefined ? [] : [badge])).sort(),
    }
  }

  resultOf({ number, startedAt, start, completedAt, endedAt, outcome, steps, streak }: Run): ExpectedRun {
    const states = [...steps].map(([step, state]) => ({ key: step.key, ...state }))
    const days = this.track.streak && walk(this.track.streak, streak, streak.present)
    const best = this.track.streak && walk(this.track.streak, streak, Math.max(...streak.shown)).best
    return {
      number,
      startedAt,
      start,
      completedAt,
      endedAt,
      outcome,
      steps: Object.fromEntries(
        states.map(({ key, how, at, cause }) => [key, how === 'open' ? { how, at: null, cause: null } : { how, at, cause }]),
      ),
      opened: states.filter(({ openedAt }) => openedAt !== null).map(({ key }) => key),
      chosen: Object.fromEntries(states.flatMap(({ key, chosen }) => (chosen === null ? [] : [[key, chosen.branch]]))),
      streak:
        days === undefined || best === undefined
          ? null
          : {
              length: days.length,
              best,
              freezes: days.freezes,
              creditedDays: [...streak.credited].sort((a, b) => a - b).map(isoDate),
            },
    }
  }
}
