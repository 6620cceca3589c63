import type { TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import type { JournalStore, TrackVersionRow } from '../ports/index.ts'
import { compareVersions, contentOf } from './catalogue.ts'

/** `auto` publishes what is new at start; `manual` serves only what was published before; `dev` also replaces what changed. */
export type PublishMode = 'auto' | 'manual' | 'dev'

export interface Published {
  /** Tracks at hand that are not published. */
  readonly unpublished: readonly TrackModel[]
}

/**
 * Brings the tracks at hand and the published ones together.
 * @throws TrackDefinitionError when a published version comes with another content.
 */
export async function publishTracks(
  models: readonly TrackModel[],
  store: JournalStore,
  { mode, now, hash }: { readonly mode: PublishMode; readonly now: number; readonly hash: (text: string) => string },
): Promise<Published> {
  const before = await store.readTrackVersions()
  const added: TrackVersionRow[] = []
  const unpublished: TrackModel[] = []
  for (const model of models) {
    const { definition, contentHash } = contentOf(model, hash)
    const { key, version } = model
    const known = before.findLast((row) => row.key === key && row.version === version)
    if (known?.contentHash === contentHash) continue
    if (known !== undefined && mode !== 'dev') {
      throw new TrackDefinitionError(
        'TRACK_CONTENT_CHANGED',
        `The track ${key}@${version} was published with another content. Give the change a new version (e.g. ${nextMinor(version)}), or start with \`waymark dev\` to replace it.`,
      )
    }
    if (known === undefined && mode === 'manual') unpublished.push(model)
    else added.push({ tenant: '*', key, version, contentHash, definition, publishedAt: now })
  }
  // Only now, so that a refused track leaves no trace of the others.
  for (const row of added) await store.putTrackVersion(row)
  return { unpublished }
}

/** The tracks to serve: those at hand, and in manual mode only what is published. */
export function servedTracks(
  models: readonly TrackModel[],
  versions: readonly TrackVersionRow[],
  mode: PublishMode,
): readonly TrackModel[] {
  if (mode !== 'manual') return models
  const isPublished = ({ key, version }: TrackModel) => versions.some((row) => row.key === key && row.version === version)
  return latestPublished(
    models,
    models.filter((model) => !isPublished(model)),
    versions,
  )
}

/** In manual mode a track whose newest version is not published is served in the newest one that is. */
function latestPublished(
  models: readonly TrackModel[],
  unpublished: readonly TrackModel[],
  versions: readonly TrackVersionRow[],
): TrackModel[] {
  const served = models.filter((model) => !unpublished.includes(model))
  for (const key of new Set(unpublished.map((model) => model.key))) {
    if (served.some((model) => model.key === key)) continue
    const [newest] = versions
      .filter((row) => row.key === key)
      .reverse()
      .sort((a, b) => compareVersions(b.version, a.version))
    if (newest !== undefined) served.push(JSON.parse(newest.definition) as TrackModel)
  }
  return served
}

function nextMinor(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return `${major}.${minor + 1}.0`
}
