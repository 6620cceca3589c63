import { resolve } from 'node:path'
import { compareVersions, type TrackModel } from '@waymark/learning-journey'
import { ServerError } from '../errors.ts'
import { type DefinitionProblem, formatProblem } from '../modules/definitions.ts'
import { loadDefinitionFile } from '../modules/load-definition-file.ts'
import { loadDefinitions } from '../modules/load-definitions.ts'
import { withPlace } from '../modules/with-place.ts'
import { parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'

/**
 * The tracks of some files, or of what a server here would load: of each the newest version, those that come first before others.
 * @throws ServerError with every problem of the files, CliError when they have no track.
 */
export async function tracksAtHand(files: readonly string[]): Promise<readonly TrackModel[]> {
  const tracks = files.length > 0 ? await tracksOf(files) : await tracksOfModules()
  const newest = new Map<string, TrackModel>()
  for (const track of tracks) {
    const other = newest.get(track.key)
    if (other === undefined || compareVersions(track.version, other.version) > 0) newest.set(track.key, track)
  }
  if (newest.size === 0)
    throw new CliError('usage', `There is no track in ${files.length > 0 ? files.join(', ') : 'what WAYMARK_MODULES names'}.`)
  return inOrder(newest)
}

async function tracksOf(files: readonly string[]): Promise<TrackModel[]> {
  const loaded = await Promise.all(files.map((file) => loadDefinitionFile(resolve(file))))
  const problems = loaded.flatMap((result) => (result.ok ? [] : result.problems))
  if (problems.length > 0) throw await invalid(problems)
  return loaded.flatMap((result) => (result.ok ? result.file.tracks : []))
}

async function tracksOfModules(): Promise<TrackModel[]> {
  const parsed = parseSettings(['modules'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const loaded = await loadDefinitions(parsed.settings.modules)
  if (!loaded.ok) throw await invalid(loaded.problems)
  return loaded.files.flatMap(({ tracks }) => tracks)
}

async function invalid(problems: readonly DefinitionProblem[]): Promise<ServerError> {
  return new ServerError('DEFINITIONS_INVALID', (await Promise.all(problems.map(withPlace))).map(formatProblem))
}

/** A track is refused while one that it comes after is not there. */
function inOrder(tracks: ReadonlyMap<string, TrackModel>): TrackModel[] {
  const sorted = new Set<TrackModel>()
  const add = (track: TrackModel, above: readonly string[]) => {
    for (const key of Object.values(track.after ?? {}).flat()) {
      const first = tracks.get(key)
      if (first !== undefined && !above.includes(key)) add(first, [...above, key])
    }
    sorted.add(track)
  }
  for (const track of tracks.values()) add(track, [track.key])
  return [...sorted]
}
