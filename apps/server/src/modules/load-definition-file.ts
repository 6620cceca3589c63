import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Implementation, Module } from '@waymark/contract'
import { type Levels, parseTrack, type TrackModel, type Traits } from '@waymark/learning-journey'
import type { Mapping } from '@waymark/surface/rest'
import type { DefinitionFile, DefinitionProblem } from './definitions.ts'
import { resolveOwnPackages } from './resolve-own-packages.ts'

export type LoadedFile =
  | { readonly ok: true; readonly file: DefinitionFile }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] }

/**
 * Loads one file: a TypeScript or JavaScript module with a default module or implementation, `tracks`, `mappings`, `traits` and `levels`, or a
 * track in JSON or YAML. Never rejects.
 */
export async function loadDefinitionFile(file: string): Promise<LoadedFile> {
  try {
    return /\.(json|ya?ml)$/.test(file) ? await loadTrackFile(file) : await loadModuleFile(file)
  } catch (error) {
    return { ok: false, problems: [{ file, message: `Cannot be loaded: ${reasonOf(error)}` }] }
  }
}

async function loadTrackFile(file: string): Promise<LoadedFile> {
  const text = readFileSync(file, 'utf8')
  const quick = file.endsWith('.json') ? parseQuickly(text) : undefined
  if (quick !== undefined) return ofTrack(file, quick)
  const { loadTrack } = await import('@waymark/learning-journey/loader')
  const loaded = loadTrack(text, file)
  return loaded.ok ? ofTrack(file, loaded.track) : { ok: false, problems: loaded.issues }
}

/** A right JSON file needs no line numbers, and then not the YAML library either, which costs 60 ms to load. */
function parseQuickly(text: string): TrackModel | undefined {
  try {
    const parsed = parseTrack(JSON.parse(text))
    return parsed.ok && !hasTwinKeys(text) ? parsed.track : undefined
  } catch {
    return undefined
  }
}

/** JSON.parse keeps the last of two equal keys without a word; a text with one more quoted key than objects hold is looked at closely. */
function hasTwinKeys(text: string): boolean {
  let kept = 0
  JSON.parse(text, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) kept += Object.keys(value).length
    return value
  })
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*:/g)?.length ?? 0
  return written !== kept
}

function ofTrack(file: string, track: TrackModel): LoadedFile {
  return {
    ok: true,
    file: { file, modules: [], implementations: [], tracks: [track], mappings: [], traits: undefined, levels: undefined },
  }
}

async function loadModuleFile(file: string): Promise<LoadedFile> {
  resolveOwnPackages(file)
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  const problems: DefinitionProblem[] = []
  const { default: main, tracks = [], mappings = [], traits, levels } = exported
  if ([main, exported.tracks, exported.mappings, traits, levels].every((value) => value === undefined)) {
    problems.push({
      file,
      message:
        'Exports nothing that is served. Expected `export default defineModule(…)` or an implementation, `export const tracks = […]`, `export const mappings = […]`, `export const traits = defineTraits(…)`, or `export const levels = defineLevels(…)`.',
    })
  }
  if (main !== undefined && !isModule(main) && !isImplementation(main)) {
    problems.push({
      file,
      message: `Its default export is ${describe(main)}. Expected what defineModule(…) or implement(…).handlers(…) returns.`,
    })
  }
  if (traits !== undefined && !isTraits(traits)) {
    problems.push({ file, message: `Its export traits is ${describe(traits)}. Expected what defineTraits(…) returns.` })
  }
  if (levels !== undefined && !isLevels(levels)) {
    problems.push({ file, message: `Its export levels is ${describe(levels)}. Expected what defineLevels(…) returns.` })
  }
  const models = checkList(file, 'tracks', tracks, 'defineTrack(…)', problems).flatMap((track, index) => {
    const parsed = parseTrack(track)
    if (parsed.ok) return [parsed.track]
    problems.push(...parsed.issues.map(({ pointer, message }) => ({ file, pointer: `tracks[${index}]${pointer}`, message })))
    return []
  })
  const own = checkList(file, 'mappings', mappings, "{ from: 'Deal Created', to: 'deal.created' }", problems)
  for (const [index, mapping] of own.entries()) {
    const { from, to } = (mapping ?? {}) as Partial<Mapping>
    if (typeof from === 'string' && typeof to === 'string') continue
    problems.push({ file, pointer: `mappings[${index}]`, message: 'Expected an object with the texts `from` and `to`.' })
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    file: {
      file,
      modules: isModule(main) ? [main] : isImplementation(main) ? [main.module] : [],
      implementations: isImplementation(main) ? [main] : [],
      tracks: models,
      mappings: own as Mapping[],
      traits: isTraits(traits) ? traits : undefined,
      levels: isLevels(levels) ? levels : undefined,
    },
  }
}

function checkList(
  file: string,
  name: string,
  value: unknown,
  example: string,
  problems: DefinitionProblem[],
): readonly unknown[] {
  if (Array.isArray(value)) return value
  problems.push({
    file,
    message: `Its export ${name} is ${describe(value)}. Expected a list: \`export const ${name} = [${example}]\`.`,
  })
  return []
}

function isModule(value: unknown): value is Module {
  return isKind(value, 'module') && Array.isArray((value as Partial<Module>).contracts)
}

function isImplementation(value: unknown): value is Implementation {
  return isKind(value, 'implementation') && (value as Partial<Implementation>).bindings instanceof Map
}

function isTraits(value: unknown): value is Traits {
  return isKind(value, 'traits')
}

function isLevels(value: unknown): value is Levels {
  return isKind(value, 'levels')
}

function isKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && (value as { readonly kind?: unknown }).kind === kind
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`
}

/** What an import threw, with the next step where it is a common slip. */
function reasonOf(error: unknown): string {
  const { code, message = String(error) } = error as { readonly code?: string; readonly message?: string }
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `${message} Node runs TypeScript by removing types: write it without enums, namespaces and parameter properties.`
  }
  if (code === 'ERR_MODULE_NOT_FOUND')
    return `${message}. Install the package, or write relative paths with their extension (./events.ts).`
  if (error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(message)) {
    return `${message}. Module files are ES modules: name the file .mjs or .ts, or set "type": "module" in package.json.`
  }
  return error instanceof Error && error.name !== 'Error' && code === undefined ? `${error.name}: ${message}` : message
}
