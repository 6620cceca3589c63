import { isMap, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml'
import type { TrackModel } from '../engine/index.ts'
import { parseTrack } from './definition.ts'

/** One thing wrong with a track file. */
export interface TrackFileIssue {
  readonly file: string
  /** Both from 1. */
  readonly line: number
  readonly column: number
  /** JSON Pointer into the definition; `''` when the text itself cannot be read. */
  readonly pointer: string
  readonly message: string
}

export type LoadedTrack =
  | { readonly ok: true; readonly track: TrackModel }
  | { readonly ok: false; readonly issues: readonly TrackFileIssue[] }

const MOST_ALIASES = 100

/**
 * Reads a track from the text of a JSON or YAML file. JSON is read as the YAML it is, so both have line numbers.
 * @param file name for messages.
 */
export function loadTrack(text: string, file: string): LoadedTrack {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2', schema: 'core' })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      issues: document.errors.map((error) => ({
        file,
        ...place(error.pos[0]),
        pointer: '',
        message: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'Cannot be read',
      })),
    }
  }
  let definition: unknown
  try {
    definition = document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that would unfold without end.
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, issues: [{ file, line: 1, column: 1, pointer: '', message }] }
  }
  const parsed = parseTrack(definition)
  if (parsed.ok) return parsed
  return {
    ok: false,
    issues: parsed.issues.map(({ pointer, message }) => ({
      file,
      ...place(offsetOf(document.contents, pointer)),
      pointer,
      message,
    })),
  }
}

/** Where a pointer into a track is in the text of its file, both from 1; the nearest thing above it where it is not there. */
export function placeOf(text: string, pointer: string): { readonly line: number; readonly column: number } {
  const lines = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core' })
  const { line, col } = lines.linePos(offsetOf(contents, pointer))
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** `file:line:column  /pointer: message`, as editors and terminals link it. */
export function formatIssue({ file, line, column, pointer, message }: TrackFileIssue): string {
  return `${file}:${line}:${column}  ${pointer === '' ? '' : `${pointer}: `}${message}`
}

/** Where a pointer is in the text, or the nearest thing above it that is there. */
function offsetOf(root: ParsedNode | Node | null, pointer: string): number {
  let node: unknown = root
  let offset = startOf(root)
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === key)
      if (pair === undefined) return offset
      offset = startOf(pair.key)
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      if (node === undefined) return offset
      offset = startOf(node)
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0
}
