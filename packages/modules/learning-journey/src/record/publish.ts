import type { TrackModel } from '../engine/index.ts'
import { TrackDefinitionError } from '../errors.ts'
import type { JournalStore, TrackStatusRow, TrackVersionRow } from '../ports/index.ts'
import { compareVersions, contentOf } from './catalogue.ts'

/**
 * `auto` publishes what is new at start; `manual` serves only what was published before, and at the very first start publishes all, as
 * there is nobody yet whom it could change something for; `dev` also replaces what changed.
 */
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
  const [before, statuses] = await Promise.all([store.readTrackVersions(), store.readTrackStatus()])
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
    if (known === undefined && mode === 'manual' && before.length > 0) unpublished.push(model)
    else added.push({ tenant: '*', key, version, contentHash, definition, publishedAt: now })
  }
  // Only now, so that a refused track leaves no trace of the others; and all at once, so that a first start is done or did not happen.
  await store.putTrackVersion(...added)
  for (const status of statuses) {
    const newest = added.filter(({ key }) => key === status.key).sort((a, b) => compareVersions(b.version, a.version))[0]
    if (newest !== undefined && (mode === 'dev' || compareVersions(newest.version, status.version) > 0))
      await store.putTrackStatus({ ...status, version: newest.version, policy: 'carry', changedAt: now })
  }
  return { unpublished }
}

/**
 * The tracks to serve. What an operator published, rolled back or paused is served as the store says, at hand or not; any other track as
 * it is at hand, and in manual mode in the newest version that is published.
 */
export function servedTracks(
  models: readonly TrackModel[],
  versions: readonly TrackVersionRow[],
  mode: PublishMode,
  statuses: readonly TrackStatusRow[] = [],
): readonly TrackModel[] {
  const ruled = new Set(statuses.map(({ key }) => key))
  const free = models.filter(({ key }) => !ruled.has(key))
  const isPublished = ({ key, version }: TrackModel) => versions.some((row) => row.key === key && row.version === version)
  const unpublished = mode === 'manual' ? free.filter((model) => !isPublished(model)) : []
  return [...latestPublished(free, unpublished, versions), ...statuses.flatMap((status) => definitionIn(status, versions))]
}

/** The content that counts of the version of a track. */
function definitionIn(
  { key, version }: Pick<TrackStatusRow, 'key' | 'version'>,
  versions: readonly TrackVersionRow[],
): TrackModel[] {
  const row = versions.findLast((other) => other.key === key && other.version === version)
  return row === undefined ? [] : [JSON.parse(row.definition) as TrackModel]
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
