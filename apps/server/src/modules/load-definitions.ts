import type { DefinitionFile, DefinitionProblem } from './definitions.ts'
import { loadDefinitionFile } from './load-definition-file.ts'

export type LoadedDefinitions =
  | { readonly ok: true; readonly files: readonly DefinitionFile[] }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] }

/** The file name of what is built in. */
export const SAMPLE = 'the built-in CRM sample'

/** Loads files, or the built-in sample when there are none. All problems of all files are reported together. */
export async function loadDefinitions(paths: readonly string[]): Promise<LoadedDefinitions> {
  if (paths.length === 0) return { ok: true, files: [await loadSample()] }
  const loaded = await Promise.all(paths.map(loadDefinitionFile))
  const problems = loaded.flatMap((result) => (result.ok ? [] : result.problems))
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, files: loaded.flatMap((result) => (result.ok ? [result.file] : [])) }
}

async function loadSample(): Promise<DefinitionFile> {
  const { default: module, tracks } = await import('../sample/crm.ts')
  return { file: SAMPLE, modules: [module], implementations: [], tracks, mappings: [], traits: undefined, levels: undefined }
}
