import { canonicalJson, type Registry } from '@waymark/contract'
import { type CompiledTrack, compileTrack, type Entry, type TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import type { TrackVersionRow } from '../ports/index.ts'
import type { Traits } from '../track/define-traits.ts'
import { lintTrack } from '../track/lint.ts'

/** The tracks that are served, ready to fold. Immutable. */
export interface Catalogue {
  readonly tracks: readonly CompiledTrack[]
  track(key: string): CompiledTrack | undefined
  /** The tracks that an entry can concern. */
  tracksOf(entry: Pick<Entry, 'name' | 'track' | 'kind'>): readonly CompiledTrack[]
  /** All event names that some step listens to. */
  readonly eventNames: readonly string[]
}

/**
 * Compiles the tracks against the registry.
 * @param published earlier versions, so that states they wrote can be carried over.
 * @param traits what subjects are like, where that is declared.
 * @throws TrackDefinitionError when two tracks share a key and version, or a lint finds an error.
 */
export function createCatalogue(
  models: readonly TrackModel[],
  registry: Registry,
  published: readonly TrackVersionRow[],
  traits?: Traits,
): Catalogue {
  const latest = latestByKey(models)
  const problems = latest.flatMap((model) =>
    lintTrack(model, registry, { tracks: latest, traits })
      .filter(({ severity }) => severity === 'error')
      .map(({ pointer, message }) => `  ${model.key}@${model.version} ${pointer}: ${message}`),
  )
  if (problems.length > 0) throw new TrackDefinitionError('TRACK_LINT', `The tracks cannot be published:\n${problems.join('\n')}`)
  const tracks = latest.map((model) => compileTrack(model, definitionsOf(model.key, published)))
  const byKey = new Map(tracks.map((track) => [track.key, track]))
  const byName = new Map<string, CompiledTrack[]>()
  for (const track of tracks) for (const name of track.listeners.keys()) byName.set(name, [...(byName.get(name) ?? []), track])
  return {
    tracks,
    track: (key) => byKey.get(key),
    eventNames: [...byName.keys()],
    tracksOf: ({ kind, name, track }) => {
      if (track === null) return kind === 'event' ? (byName.get(name) ?? NONE) : NONE
      const named = byKey.get(track)
      return named !== undefined && (kind === 'control' || named.listeners.has(name)) ? [named] : NONE
    },
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
