import { milliseconds, usesDays } from './time.ts'
import {
  type Condition,
  conditionsOf,
  type Entry,
  type Leaf,
  leavesOf,
  type Match,
  numberedLeaves,
  partsOf,
  type Track,
} from './track.ts'
import { compareUtf8, deepEqual, valuesAt, whereHolds } from './where.ts'

/** Which entries of a journal matter to a track, and their order. */

export function listens(match: Match, entry: Entry): boolean {
  return entry.kind === 'event' && match.event === entry.name
}

function versionFits(wanted: string | undefined, version: string): boolean {
  if (wanted === undefined) return true
  if (/^\d+$/.test(wanted)) return version.split('.')[0] === wanted
  return version === wanted
}

/** An `enrol` block or the `on` of a streak. */
export function passesMatch(match: Match, entry: Entry): boolean {
  return (
    listens(match, entry) &&
    versionFits(match.version, entry.version) &&
    (match.source === undefined || match.source === entry.source) &&
    (entry.channel !== 'client' || match.trust === 'client') &&
    whereHolds(match.where, entry.payload)
  )
}

/** The pointers of `correlate` on a leaf and above it. */
function correlatesAbove(condition: Condition, leaf: Leaf): string[] {
  const own = 'correlate' in condition && condition.correlate !== undefined ? [condition.correlate] : []
  const holder = partsOf(condition).find((part) => leavesOf(part).includes(leaf))
  return holder === undefined ? own : [...own, ...correlatesAbove(holder, leaf)]
}

export function passesLeaf(root: Condition, leaf: Leaf, entry: Entry): boolean {
  if (!passesMatch(leaf, entry)) return false
  const wanted = [...(leaf.distinctBy === undefined ? [] : [leaf.distinctBy]), ...correlatesAbove(root, leaf)]
  if (wanted.some((pointer) => valuesAt(entry.payload, pointer).length === 0)) return false
  return leaf.sum === undefined || typeof valuesAt(entry.payload, leaf.sum.of)[0] === 'number'
}

export function passesAnyLeaf(track: Track, entry: Entry): boolean {
  return track.steps.flatMap(conditionsOf).some((root) => leavesOf(root).some((leaf) => passesLeaf(root, leaf, entry)))
}

/** A control entry by that name for that track. */
export function isControl(track: Track, entry: Entry, name: string): boolean {
  if (entry.kind !== 'control' || entry.name !== `waymark.${name}`) return false
  return name === 'identified' || deepEqual(valuesAt(entry.payload, '/trackId'), [track.key])
}

function hasTrait(condition: Condition): boolean {
  return 'trait' in condition || partsOf(condition).some(hasTrait)
}

function usesTraits(track: Track): boolean {
  return track.audience !== undefined || track.steps.flatMap(conditionsOf).some(hasTrait)
}

function tracksDays(track: Track): boolean {
  const windows = numberedLeaves(track).map(({ window }) => {
    if (window === undefined) return undefined
    return 'sliding' in window ? window.sliding : window.within
  })
  const opens = track.steps.map(({ opens }) => opens)
  const wait = track.reentry?.mode === 'afterDuration' ? track.reentry.wait : undefined
  const durations = [wait, ...windows, ...track.steps.map(({ due }) => due?.after)]
  return (
    track.streak !== undefined ||
    opens.some((at) => at !== undefined && 'onDay' in at) ||
    [...durations, ...opens.map((at) => (at !== undefined && 'after' in at ? at.after : undefined))].some(usesDays)
  )
}

const FOR_ONE_TRACK = ['enrolled', 'skipped', 'waived', 'exited', 'reset', 'revoked']

function matters(track: Track, entry: Entry): boolean {
  if (entry.track !== null && entry.track !== track.key) return false
  if (entry.kind === 'control') {
    if (isControl(track, entry, 'identified')) return usesTraits(track) || tracksDays(track)
    return FOR_ONE_TRACK.some((name) => isControl(track, entry, name))
  }
  const isLate = entry.receivedAt - entry.occurredAt > milliseconds(track.lateness ?? 'P7D')
  if (isLate && entry.channel !== 'import') return false
  return (
    passesAnyLeaf(track, entry) ||
    (track.enrol?.mode === 'onEvent' && passesMatch(track.enrol, entry)) ||
    (track.streak !== undefined && passesMatch(track.streak.on, entry))
  )
}

function place(track: Track, entry: Entry): number {
  if (entry.kind === 'control') return 0
  const number = numberedLeaves(track).findIndex((leaf) => listens(leaf, entry))
  return number === -1 ? 1 : 2 + number
}

/** The entries that matter to a track, in their order; of a repeated key the first arrival. */
export function orderedEntries(track: Track, entries: readonly Entry[]): Entry[] {
  const journal = entries.filter(
    (entry, i) => entries.findIndex((other) => other.source === entry.source && other.eventId === entry.eventId) === i,
  )
  return journal
    .filter((entry) => matters(track, entry))
    .map((entry) => ({ entry, place: place(track, entry) }))
    .sort((a, b) => {
      if (a.entry.occurredAt !== b.entry.occurredAt) return a.entry.occurredAt - b.entry.occurredAt
      if (a.place !== b.place) return a.place - b.place
      return compareUtf8(a.entry.source, b.entry.source) || compareUtf8(a.entry.eventId, b.entry.eventId)
    })
    .map(({ entry }) => entry)
}
