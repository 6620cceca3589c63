import { composeRegistry, DefinitionError, type Implementation, type Module, type Registry } from '@waymark/contract'
import { type Levels, type LintContext, lintTrack, type TrackModel, type Traits } from '@waymark/learning-journey'
import { checkMappings, type Mapping, MappingError } from '@waymark/surface/rest'
import type { DefinitionFile, DefinitionProblem } from './definitions.ts'
import { OWN_MODULES } from './own-modules.ts'

/** What all files give together, checked against each other. */
export interface MergedDefinitions {
  readonly registry: Registry
  readonly implementations: readonly Implementation[]
  readonly tracks: readonly TrackModel[]
  readonly mappings: readonly Mapping[]
  readonly traits: Traits | undefined
  readonly levels: Levels | undefined
}

export type Merged =
  | { readonly ok: true; readonly definitions: MergedDefinitions }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] }

/** Joins the files into one registry, and checks tracks and mappings against it and the traits. Every problem names its file. */
export function mergeDefinitions(files: readonly DefinitionFile[]): Merged {
  // One module may come from several files: from the one that declares it, and from one that implements it.
  const modules = [...new Set<Module>([...OWN_MODULES, ...files.flatMap((file) => file.modules)])]
  let registry: Registry
  try {
    registry = composeRegistry(...modules)
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error
    return { ok: false, problems: [{ file: filesOf(error.message, files), message: error.message }] }
  }
  const tracks = files.flatMap((file) => file.tracks)
  const traits = traitsOf(files)
  const problems = [
    ...twinTracks(files),
    ...twins('traits', 'The traits of learners and accounts are', files),
    ...twins('levels', 'The levels are', files),
    ...unhandled(files),
    ...files.flatMap((file) => lintFile(file, registry, { tracks, traits })),
  ]
  const mappings = files.flatMap((file) => file.mappings)
  try {
    checkMappings(mappings, registry)
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    const from = files.filter((file) => file.mappings.some((mapping) => error.message.includes(JSON.stringify(mapping.from))))
    problems.push({ file: from.map(({ file }) => file).join(', ') || 'the mappings', message: error.message })
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    definitions: {
      registry,
      implementations: files.flatMap((file) => file.implementations),
      tracks,
      mappings,
      traits,
      levels: files.find(({ levels }) => levels !== undefined)?.levels,
    },
  }
}

/** What the files say that learners and accounts are like: the first word counts, and `mergeDefinitions` refuses another. */
export function traitsOf(files: readonly DefinitionFile[]): Traits | undefined {
  return files.find(({ traits }) => traits !== undefined)?.traits
}

function lintFile({ file, tracks }: DefinitionFile, registry: Registry, context: LintContext): DefinitionProblem[] {
  return tracks.flatMap((track) =>
    lintTrack(track, registry, context)
      .filter(({ severity }) => severity === 'error')
      .map(({ pointer, message }) => ({ file, pointer: `${track.key}${pointer}`, message })),
  )
}

/** A module with operations is served by its implementation only. */
function unhandled(files: readonly DefinitionFile[]): DefinitionProblem[] {
  const handled = new Set(files.flatMap(({ implementations }) => implementations.flatMap(({ bindings }) => [...bindings.keys()])))
  return files.flatMap(({ file, modules }) =>
    modules
      .flatMap(({ contracts }) =>
        contracts.flatMap(({ kind, meta }) => (kind === 'event' ? [] : [`${meta.key}@${meta.version}`])),
      )
      .filter((id) => !handled.has(id))
      .map((id) => ({
        file,
        message: `${id} has no handler. Export implement(module).handlers({ … }) as default, not the module.`,
      })),
  )
}

function twinTracks(files: readonly DefinitionFile[]): DefinitionProblem[] {
  const seen = new Map<string, string>()
  const problems: DefinitionProblem[] = []
  for (const { file, tracks } of files) {
    for (const { key, version } of tracks) {
      const id = `${key}@${version}`
      const first = seen.get(id)
      if (first === undefined) seen.set(id, file)
      else problems.push({ file, message: `The track ${id} is in ${first} too. Give one of them another key or version.` })
    }
  }
  return problems
}

/** One file may export what another one declares again; two that say something of their own have to be one. */
function twins(name: 'traits' | 'levels', what: string, files: readonly DefinitionFile[]): DefinitionProblem[] {
  const [first, ...others] = files.filter((file) => file[name] !== undefined)
  return others
    .filter((file) => file[name] !== first?.[name])
    .map(({ file }) => ({
      file,
      message: `${what} declared in ${first?.file} too. Declare them in one file, and import them where they are used.`,
    }))
}

/** A definition error names modules; their files are what a reader looks for. */
function filesOf(message: string, files: readonly DefinitionFile[]): string {
  const named = files.filter(({ modules }) => modules.some(({ key }) => message.includes(`module ${key}`)))
  return (named.length > 0 ? named : files).map(({ file }) => file).join(', ')
}
