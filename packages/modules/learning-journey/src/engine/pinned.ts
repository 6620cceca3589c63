import type { SubjectRow } from './codec.ts'
import type { CompiledTrack } from './compile.ts'
import { isRunning } from './state.ts'

/** The definition of a track that counts for a subject: the one that an open run is pinned to, else the one that is served. */
export function definitionOf(track: CompiledTrack, row: SubjectRow): CompiledTrack {
  if (track.pinned.size === 0) return track
  const pinned = track.pinned.get(row.behaviourOf(track.key) ?? track.behaviour)
  const state = pinned === undefined ? undefined : row.get(pinned)?.state
  return pinned !== undefined && state !== undefined && isRunning(state) ? pinned : track
}
