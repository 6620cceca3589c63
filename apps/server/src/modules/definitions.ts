import type { Implementation, Module } from '@waymark/contract'
import type { Levels, TrackModel, Traits } from '@waymark/learning-journey'
import type { Mapping } from '@waymark/surface/rest'

/** What a server serves beside the learning journey itself. */
export interface Definitions {
  readonly modules?: readonly Module[]
  /** Modules with handlers; their modules need not be named again. */
  readonly implementations?: readonly Implementation[]
  readonly tracks?: readonly TrackModel[]
  readonly mappings?: readonly Mapping[]
  /** What learners and accounts are like. One for all files. */
  readonly traits?: Traits | undefined
  /** What experience points amount to. One for all files. */
  readonly levels?: Levels | undefined
}

/** What one file defines. */
export interface DefinitionFile extends Required<Definitions> {
  readonly file: string
}

/** One thing wrong with a file; `line` and `column` count from 1. */
export interface DefinitionProblem {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** JSON Pointer into the track. */
  readonly pointer?: string
  readonly message: string
}

/** `file:line:column  /pointer: message`, as editors and terminals link it. */
export function formatProblem({ file, line, column, pointer, message }: DefinitionProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return `${place}  ${pointer ? `${pointer}: ` : ''}${message}`
}
