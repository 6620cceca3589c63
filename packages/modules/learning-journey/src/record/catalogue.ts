import { canonicalJson, type Registry } from '@waymark/contract'
import { type CompiledTrack, compileTrack, type Entry, IDENTIFIED, type TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import type { TrackStatusRow, TrackVersionRow } from '../ports/index.ts'
import type { Traits } from '../track/define-traits.ts'
import { lintTrack } from '../track/lint.ts'

/** The tracks that are served, ready to fold. */
export interface Catalogue {
  readonly tracks: readonly CompiledTrack[]
  track(key: string): CompiledTrack | undefined
  /** A track whose clock runs: one that is served and not paused. */
  running(key: string): CompiledTrack | undefined
  /** The running tracks that an entry can concern. */
  tracksOf(entry: Concern): readonly CompiledTrack[]
  /** The paused tracks that it could concern. */
  paused(entry: Concern): readonly CompiledTrack[]
  /** The running tracks that have one among those that come first. */
  dependents(key: string): readonly CompiledTrack[]
  /** All event names that some step listens to. */
  readonly eventNames: readonly string[]
  /** Running tracks whose publishing ended the runs that were open then. */
  readonly endings: readonly Ending[]
}

/** A track that was published with `restart` or `exit`. */
export interface Ending {
  readonly track: CompiledTrack
  readonly policy: 'restart' | 'exit'
  readonly publishedAt: number
}

/** What an entry has to do with tracks. */
export type Concern = Pick<Entry, 'name' | 'track' | 'kind'>

/** A catalogue that can be exchanged while it is in use. */
export interface LiveCatalogue extends Catalogue {
  replace(next: Catalogue): void
}

/** What is published beside the tracks at hand. */
export interface PublishedBefore {
  /** Earlier versions, so that states they wrote can be carried over. */
  readonly versions?: readonly TrackVersionRow[]
  readonly statuses?: readonly TrackStatusRow[]
}

/**
 * Compiles the tracks against the registry.
 * @param traits what subjects are like, where that is declared.
 * @throws TrackDefinitionError when two tracks share a key and version, or a lint finds an error.
 */
export function createCatalogue(
  models: readonly TrackModel[],
  registry: Registry,
  { versions = [], statuses = [] }: PublishedBefore = {},
  traits?: Traits,
): Catalogue {
  const statusOf = new Map(statuses.map((status) => [status.key, status]))
  const latest = latestByKey(models).filter(({ key }) => statusOf.get(key)?.status !== 'archived')
  const problems = latest.flatMap((model) => problemsOf(model, latest, registry, traits))
  if (problems.length > 0) throw new TrackDefinitionError('TRACK_LINT', `The tracks cannot be published:\n${problems.join('\n')}`)
  const tracks = latest.map((model) => {
    const { generation = 0, policy } = statusOf.get(model.key) ?? {}
    return compileTrack(model, definitionsOf(model.key, versions), generation, policy === 'pin')
  })
  const running = tracks.filter(({ key }) => statusOf.get(key)?.status !== 'paused')
  const paused = tracks.filter((track) => !running.includes(track))
  const byKey = new Map(tracks.map((track) => [track.key, track]))
  const runningByKey = new Map(running.map((track) => [track.key, track]))
  return {
    tracks,
    track: (key) => byKey.get(key),
    running: (key) => runningByKey.get(key),
    tracksOf: concerned(running),
    paused: paused.length === 0 ? () => NONE : concerned(paused),
    dependents: (key) => running.filter(({ after }) => after.includes(key)),
    eventNames: [...new Set(tracks.flatMap(namesOf))],
    endings: running.flatMap((track) => {
      const policy = statusOf.get(track.key)?.policy
      const row = versions.findLast(({ key, version }) => key === track.key && version === track.version)
      return row !== undefined && (policy === 'restart' || policy === 'exit')
        ? [{ track, policy, publishedAt: row.publishedAt }]
        : []
    }),
  }
}

/** Errors of a track beside others, as lines. */
function problemsOf(model: TrackModel, tracks: readonly TrackModel[], registry: Registry, traits?: Traits): string[] {
  return lintTrack(model, registry, { tracks, traits })
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer, message }) => `  ${model.key}@${model.version} ${pointer}: ${message}`)
}

/**
 * Of published tracks those that this process can serve: one that names what its modules do not have (any more) is left out, so that a
 * better version of it can still be published.
 */
export function servable(
  models: readonly TrackModel[],
  registry: Registry,
  traits?: Traits,
): { readonly models: readonly TrackModel[]; readonly problems: readonly string[] } {
  const problems = models.flatMap((model) => problemsOf(model, models, registry, traits))
  if (problems.length === 0) return { models, problems }
  const fit = models.filter((model) => problemsOf(model, models, registry, traits).length === 0)
  // Without those, another one may miss the track that it comes after.
  const rest = servable(fit, registry, traits)
  return { models: rest.models, problems: [...problems, ...rest.problems] }
}

/** What the definition of a track listens to, and those that runs are pinned to. */
function namesOf({ listeners, pinned }: CompiledTrack): string[] {
  return [...new Set([listeners, ...[...pinned.values()].map((track) => track.listeners)].flatMap((map) => [...map.keys()]))]
}

/** @returns a catalogue that answers as the newest one that it was given. */
export function liveCatalogue(first: Catalogue): LiveCatalogue {
  let current = first
  return {
    get tracks() {
      return current.tracks
    },
    get eventNames() {
      return current.eventNames
    },
    get endings() {
      return current.endings
    },
    track: (key) => current.track(key),
    running: (key) => current.running(key),
    tracksOf: (entry) => current.tracksOf(entry),
    paused: (entry) => current.paused(entry),
    dependents: (key) => current.dependents(key),
    replace(next) {
      current = next
    },
  }
}

/** Which of some tracks an entry concerns. */
function concerned(tracks: readonly CompiledTrack[]): (entry: Concern) => readonly CompiledTrack[] {
  const byKey = new Map(tracks.map((track) => [track.key, track]))
  const byName = new Map<string, CompiledTrack[]>()
  for (const track of tracks) for (const name of namesOf(track)) byName.set(name, [...(byName.get(name) ?? []), track])
  const byTraits = tracks.filter(({ usesTraits, usesDays }) => usesTraits || usesDays)
  return ({ kind, name, track }) => {
    if (track === null) return kind === 'event' ? (byName.get(name) ?? NONE) : name === IDENTIFIED ? byTraits : NONE
    const named = byKey.get(track)
    return named !== undefined && (kind === 'control' || byName.get(name)?.includes(named) === true) ? [named] : NONE
  }
}

const NONE: readonly CompiledTrack[] = []

/** The text and hash by which a version is known. */
export function contentOf(
  model: TrackModel,
  hash: (text: string) => string,
): { readonly definition: string; readonly contentHash: string } {
  const definition = canonicalJson(model)
  return { definition, contentHash: hash(definition) }
}

function latestByKey(models: readonly TrackModel[]): TrackModel[] {
  const versions = new Set<string>()
  const latest = new Map<string, TrackModel>()
  for (const model of models) {
    const id = `${model.key}@${model.version}`
    if (versions.has(id))
      throw new TrackDefinitionError(
        'TRACK_DUPLICATE',
        `The track ${id} is defined twice. Give one of them another key or version.`,
      )
    versions.add(id)
    const other = latest.get(model.key)
    if (other === undefined || compareVersions(model.version, other.version) > 0) latest.set(model.key, model)
  }
  return [...latest.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The order of semantic versions. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  return [0, 1, 2].map((i) => (left[i] ?? 0) - (right[i] ?? 0)).find((order) => order !== 0) ?? 0
}

function definitionsOf(key: string, published: readonly TrackVersionRow[]): TrackModel[] {
  return published.filter((row) => row.key === key).map((row) => JSON.parse(row.definition) as TrackModel)
}
