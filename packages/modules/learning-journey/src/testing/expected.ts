import type { Played, View } from './play.ts'

/** What the present of a story should be; what is not named is not compared. */
export interface Expected {
  /** The track that `status`, `percent`, `steps`, `standing`, `streak` and `freezes` are about; the first one when absent. */
  readonly track?: string
  readonly status?: View['status']
  readonly percent?: number
  /** By step: `open`, `completed`, `skipped`, `waived`, `closed` or `missed`. */
  readonly steps?: Readonly<Record<string, string>>
  readonly standing?: readonly string[]
  readonly streak?: number
  readonly freezes?: number
  readonly xp?: number
  readonly badges?: readonly string[]
  /** All facts so far, as `name` or `name:step`, in order. */
  readonly facts?: readonly string[]
  /** What the last event did, by step: `completed`, or the reason why not. */
  readonly last?: Readonly<Record<string, string>>
}

/** One text for each difference; for a step, with what its condition has and wants. */
export function describeDifferences(view: View, played: Played, expected: Expected): string[] {
  const differences: string[] = []
  const compare = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(actual))
      differences.push(`${view.track}: expected ${what} ${JSON.stringify(wanted)}, it is ${JSON.stringify(actual)}.`)
  }
  compare('status', expected.status, view.status)
  compare('percent', expected.percent, view.percent)
  for (const [step, wanted] of Object.entries(expected.steps ?? {})) {
    const actual = view.steps[step]
    if (actual === wanted) continue
    const why = view.details[step]
    if (actual === undefined || why === undefined)
      differences.push(`${view.track} has no step ${step}; it has ${Object.keys(view.steps).join(', ')}.`)
    else differences.push(`${view.track} / ${step}: expected ${wanted}, it is ${actual}.`)
  }
  compare('standing', expected.standing, view.standing)
  compare('streak', expected.streak, view.streak)
  compare('freezes', expected.freezes, view.freezes)
  compare('xp', expected.xp, played.xp)
  compare('badges', expected.badges, played.badges)
  compare(
    'facts',
    expected.facts,
    played.facts.map(({ name, step }) => (step === null ? name : `${name}:${step}`)),
  )
  for (const [step, wanted] of Object.entries(expected.last ?? {})) {
    const outcome = played.outcomes.find((one) => one.track === view.track && one.step === step)
    const actual = outcome === undefined ? 'nothing' : (outcome.reason ?? outcome.verdict)
    if (actual !== wanted) differences.push(`${view.track} / ${step}: expected the last event to be ${wanted}, it was ${actual}.`)
  }
  return differences
}
