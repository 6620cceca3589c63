import { type Expected, expectedOf, type Fact, type How, type Moment } from './oracle.ts'
import type { Entry, Track } from './track.ts'

/** What has been announced, and what of it stands alone: the page's two layers. */

/** Entries that arrive together, and the present moment then. */
export interface Round {
  entries: readonly Entry[]
  now?: number
}

export interface Shown {
  /** `name:step`, `#run` and `+ordinal` where they are not 0, `@day` of streaks, `=branch`, `=missed` of misses that are corrected; each once, sorted. */
  facts: string[]
  /** Announced completions that the derived state does not have: by run, steps in definition order, the track as ''. */
  standing: { run: number; step: string }[]
  xp: number
  badges: string[]
}

const SETTLED = ['step.completed', 'step.skipped', 'step.waived', 'step.missed']

export function shownAfter(track: Track, rounds: readonly Round[], moment: Moment = {}): Shown {
  const announced = new Map<string, Fact>()
  /** By run and step: how many announced misses were taken back. */
  const corrections = new Map<string, number>()
  const entries: Entry[] = []
  let state: Expected = expectedOf(track, [])
  let now = 0
  for (const round of rounds) {
    entries.push(...round.entries)
    now = Math.max(now, round.now ?? 0)
    const newest = state.runs.length - 1
    state = expectedOf(track, entries, { ...moment, now })
    for (const fact of correctedMisses(announced, corrections, state, newest)) announce(track, announced, fact)
    for (const fact of state.facts) {
      const shifted = shift(fact, corrections)
      const isStanding = isCompletionAnnounced(announced, shifted)
      if (fact.name === 'step.missed' && isStanding) continue
      announce(track, announced, shifted)
    }
  }
  const derived = new Set(state.facts.map((fact) => nameOf(track, shift(fact, corrections))))
  const facts = [...announced.values()]
  const total = (name: string) => facts.filter((fact) => fact.name === name)
  const badges = total('badge.granted').map(({ data }) => data.badge ?? '')
  for (const { data } of total('badge.revoked')) badges.splice(badges.indexOf(data.badge ?? ''), 1)
  const sum = (name: string) => total(name).reduce((points, { data }) => points + (data.xp ?? 0), 0)
  return {
    facts: [...announced.keys()].sort(),
    standing: facts
      .filter(({ name }) => name === 'step.completed' || name === 'track.completed')
      .filter((fact) => !derived.has(nameOf(track, fact)) && howIs(state, fact) !== 'completed')
      .map(({ run, step }) => ({ run, step })),
    xp: sum('xp.granted') - sum('xp.revoked'),
    badges: badges.sort(),
  }
}

export function nameOf(track: Track, { name, step, run, ordinal, data }: Fact): string {
  // A reward that is granted once over all runs is the same one in each.
  const isOverAll = track.rewards !== 'perRun' && /^(xp|badge)/.test(name)
  return [
    name,
    ':',
    step,
    run > 0 && !isOverAll ? `#${run}` : '',
    ordinal > 0 ? `+${ordinal}` : '',
    data.day ? `@${data.day}` : '',
    data.branch === undefined ? '' : `=${data.branch}`,
    // A miss that is corrected and a completion that is revoked can have the same ordinal.
    name === 'step.corrected' && data.from === 'missed' ? '=missed' : '',
  ].join('')
}

function announce(track: Track, announced: Map<string, Fact>, fact: Fact): void {
  const name = nameOf(track, fact)
  if (!announced.has(name)) announced.set(name, fact)
}

function howIs({ runs }: Expected, { run, step }: Fact): How | undefined {
  const there = runs[run]
  return step === '' ? (there?.completedAt == null ? 'open' : 'completed') : there?.steps[step]?.how
}

function shift(fact: Fact, corrections: ReadonlyMap<string, number>): Fact {
  if (!SETTLED.includes(fact.name)) return fact
  return { ...fact, ordinal: fact.ordinal + (corrections.get(`${fact.run} ${fact.step}`) ?? 0) }
}

function isCompletionAnnounced(announced: ReadonlyMap<string, Fact>, { run, step, ordinal }: Fact): boolean {
  return [...announced.values()].some(
    (fact) => fact.name === 'step.completed' && fact.run === run && fact.step === step && fact.ordinal === ordinal,
  )
}

/** Misses of what was the newest run that were announced and that the derived state does not have. */
function correctedMisses(
  announced: ReadonlyMap<string, Fact>,
  corrections: Map<string, number>,
  state: Expected,
  newest: number,
): Fact[] {
  const corrected: Fact[] = []
  for (const fact of [...announced.values()].filter(({ name, run }) => name === 'step.missed' && run === newest)) {
    const key = `${fact.run} ${fact.step}`
    const how = howIs(state, fact)
    if (how === 'missed' || fact.ordinal < (corrections.get(key) ?? 0)) continue
    corrections.set(key, (corrections.get(key) ?? 0) + 1)
    corrected.push({ ...fact, name: 'step.corrected', data: { from: 'missed', to: how ?? 'open' } })
  }
  return corrected
}
