import { readFileSync } from 'node:fs'
import type { DefinitionProblem } from './definitions.ts'

/**
 * Adds line and column to a problem of a track in JSON or YAML. The text is read again for it: a track without problems needs no places,
 * and the library that finds them is slow to load.
 */
export async function withPlace(problem: DefinitionProblem): Promise<DefinitionProblem> {
  const { file, line, pointer } = problem
  if (line !== undefined || pointer === undefined || !/\.(json|ya?ml)$/.test(file)) return problem
  const { placeOf } = await import('@waymark/learning-journey/loader')
  // Where several tracks are checked together, their key stands before the pointer.
  return { ...problem, ...placeOf(readFileSync(file, 'utf8'), pointer.slice(pointer.indexOf('/'))) }
}
