import { encodeTrack } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import type { TrackState } from './state.ts'

/** The state of a track after its entries up to one of them: what a rebuild can start from. */
export interface Checkpoint {
  readonly track: CompiledTrack
  /** When the last of the entries happened. */
  readonly at: number
  /** As `encodeTrack` packs it; it says which entry was the last. */
  readonly state: Uint8Array
}

/** Checkpoints that no longer hold: of one track, from a moment on until before another. */
export interface Outdated {
  readonly track: CompiledTrack
  readonly from: number
  /** Null: all later ones. */
  readonly before: number | null
}

/** How many entries lie between two checkpoints. */
export const CHECKPOINT_EVERY = 1_000

/** A state as a checkpoint: a function of its entries alone, without what was announced and what has expired. */
export function toCheckpoint(track: CompiledTrack, state: TrackState): Checkpoint {
  return {
    track,
    at: state.lastAt,
    state: encodeTrack(track, { ...state, standing: [], corrections: state.corrections.map(() => 0), cutAt: -1 }),
  }
}
