import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import type { LineResult } from './event-batches.ts'

/** The lines of an import that were not recorded, each with its reason, as NDJSON. There is no file as long as there is none of them. */
export interface FailureFile {
  readonly path: string
  /** Its size so far. */
  readonly bytes: number
  add(failure: LineResult): void
  /** Forces it to the disk. */
  sync(): void
  close(): void
}

/** @param keptBytes what an earlier run wrote and acknowledged; what comes after that is written again. */
export function createFailureFile(path: string, keptBytes: number): FailureFile {
  const isResumed = keptBytes > 0 && existsSync(path)
  let bytes = isResumed ? keptBytes : 0
  let file = isResumed ? openSync(path, 'r+') : undefined
  if (file === undefined) rmSync(path, { force: true })
  else ftruncateSync(file, keptBytes)
  return {
    path,
    get bytes() {
      return bytes
    },
    add({ line, status, detail }) {
      file ??= openSync(path, 'w')
      bytes += writeSync(file, `${JSON.stringify({ line: line.number, status, detail, event: toEvent(line.text) })}\n`, bytes)
    },
    sync() {
      if (file !== undefined) fsyncSync(file)
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** The event where the line is JSON, else its text. */
function toEvent(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
