import type { Registry } from '@waymark/contract'
import type { TrackModel } from '../engine/index.ts'
import type { Traits } from './define-traits.ts'
import type { Finding } from './finding.ts'
import { lintEvents } from './lint-events.ts'
import { lintOrder } from './lint-order.ts'
import { lintSteps } from './lint-steps.ts'
import { lintTracks } from './lint-tracks.ts'
import { lintTraits } from './lint-traits.ts'

/** What a track is checked against beside the events. */
export interface LintContext {
  /** All tracks that are served together. Without them, nothing is said of tracks that a track comes after. */
  readonly tracks?: readonly TrackModel[] | undefined
  readonly traits?: Traits | undefined
}

/** Checks a track against itself, the event contracts it names, and what is served beside it. */
export function lintTrack(track: TrackModel, registry: Registry, { tracks, traits }: LintContext = {}): Finding[] {
  return [
    ...lintSteps(track),
    ...lintTracks(track, tracks),
    ...lintEvents(track, registry),
    ...lintTraits(track, traits),
    lintOrder(track, registry),
  ]
}
