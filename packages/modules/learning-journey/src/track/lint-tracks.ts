import type { TrackModel } from '../engine/index.ts'
import { error, type Finding, hint } from './finding.ts'
import { circles } from './waiting.ts'

/** Checks the tracks that a track comes after. */
export function lintTracks(track: TrackModel, tracks: readonly TrackModel[] | undefined): Finding[] {
  if (track.after === undefined || tracks === undefined) return []
  const known = new Map([...tracks.toSorted(byVersion), track].map((model) => [model.key, model]))
  const kind = 'all' in track.after ? 'all' : 'any'
  const keys = 'all' in track.after ? track.after.all : track.after.any
  const findings: Finding[] = []
  for (const [index, key] of keys.entries()) {
    const first = known.get(key)
    const pointer = `/after/${kind}/${index}`
    if (first === undefined) {
      findings.push(error('TRACK_UNKNOWN', pointer, `There is no track ${key}.${hint(key, [...known.keys()])}`))
    } else if (subjectOf(first) !== subjectOf(track)) {
      findings.push(
        error(
          'TRACK_SUBJECT',
          pointer,
          `${key} is a track of the ${subjectOf(first)}, and this is one of the ${subjectOf(track)}: they have no progress in common. Give both the same subject, or remove it here.`,
        ),
      )
    }
  }
  return [...findings, ...lintCircles(track, known)]
}

function lintCircles(track: TrackModel, known: ReadonlyMap<string, TrackModel>): Finding[] {
  const waiting = new Map(
    [...known].map(([key, { after }]) => [
      key,
      {
        all: after !== undefined && 'all' in after ? after.all : [],
        any: after !== undefined && 'any' in after ? after.any : [],
      },
    ]),
  )
  return circles(waiting)
    .filter((circle) => circle.includes(track.key))
    .map((circle) =>
      error(
        'TRACK_CYCLE',
        '/after',
        `These tracks wait for each other, so none can ever start: ${circle.join(' → ')}. Remove one of the prerequisites.`,
      ),
    )
}

function subjectOf({ subject = 'learner' }: TrackModel): string {
  return subject
}

/** The newest version of a key is the one that is served. */
function byVersion(a: TrackModel, b: TrackModel): number {
  return a.version.localeCompare(b.version, 'en', { numeric: true })
}
