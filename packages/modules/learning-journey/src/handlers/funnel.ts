import type { Handler } from '@waymark/contract'
import type { FunnelContract, TimeToValueContract } from '../contracts/operators.ts'
import type { CompiledTrack } from '../engine/index.ts'
import type { RollupRow } from '../ports/index.ts'
import type { Journey } from './journey.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.funnel`: sums of counts that the store keeps with its facts. */
export function funnel({ catalogue, store }: Journey): Handler<typeof FunnelContract> {
  return async ({ input, principal, fail }) => {
    const track = catalogue.track(input.trackId)
    if (track === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
    const rows = await store.readRollup({ tenant: principal.tenant, track: track.key, ...periodOf(input) })
    return { trackId: track.key, groups: groupsOf(rows).map(({ holdout, rows }) => ({ holdout, ...counts(track, rows) })) }
  }
}

/** `learning.onboarding.timeToValue`: percentiles of a histogram that the store keeps with its facts. */
export function timeToValue({ catalogue, store }: Journey): Handler<typeof TimeToValueContract> {
  return async ({ input, principal, fail }) => {
    const track = catalogue.track(input.trackId)
    if (track === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, input.trackId))
    const rows = await store.readRollup({ tenant: principal.tenant, track: track.key, ...periodOf(input) })
    const spread = (own: readonly RollupRow[], name: string, step: string | null) =>
      spreadOf(own.filter((row) => row.name === `${PREFIX}${name}` && row.step === step))
    return {
      trackId: track.key,
      groups: groupsOf(rows).map(({ holdout, rows: own }) => ({
        holdout,
        track: spread(own, 'track.completed', null),
        steps: track.steps.map(({ key }) => ({ stepId: key, ...spread(own, 'step.completed', key) })),
      })),
    }
  }
}

const PREFIX = 'learning.onboarding.'

function periodOf({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) {
  return {
    ...(from === undefined ? {} : { from: Math.floor(Date.parse(from)) }),
    ...(to === undefined ? {} : { to: Math.floor(Date.parse(to)) }),
  }
}

/** Everybody first, even where nobody is; then those who are set apart, where there are any. */
function groupsOf(rows: readonly RollupRow[]) {
  const apart = rows.filter(({ heldOut }) => heldOut)
  const all = { holdout: false, rows: rows.filter(({ heldOut }) => !heldOut) }
  return apart.length === 0 ? [all] : [all, { holdout: true, rows: apart }]
}

function counts(track: CompiledTrack, rows: readonly RollupRow[]) {
  const sum = (name: string, step: string | null = null) =>
    rows.filter((row) => row.name === `${PREFIX}${name}` && row.step === step).reduce((total, { count }) => total + count, 0)
  const enrolled = sum('enrolled')
  return {
    enrolled,
    completed: sum('track.completed'),
    missed: sum('track.ended'),
    exited: sum('exited'),
    steps: track.steps.map(({ key }) => {
      const [completed, skipped, waived] = [sum('step.completed', key), sum('step.skipped', key), sum('step.waived', key)]
      const share = enrolled === 0 ? 0 : (completed + skipped + waived) / enrolled
      return { stepId: key, completed, skipped, waived, missed: sum('step.missed', key), share }
    }),
  }
}

function spreadOf(rows: readonly RollupRow[]) {
  const sorted = rows.flatMap(({ after, count }) => (after === null ? [] : [{ after, count }])).sort((a, b) => a.after - b.after)
  const count = sorted.reduce((total, row) => total + row.count, 0)
  const at = (share: number) => {
    let passed = 0
    for (const row of sorted) {
      passed += row.count
      if (passed >= share * count) return row.after / 1_000
    }
    return null
  }
  return { count, medianSeconds: at(0.5), p25Seconds: at(0.25), p75Seconds: at(0.75), p90Seconds: at(0.9) }
}
