import { hash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { CliError } from './cli-error.ts'
import type { LinePosition } from './read-lines.ts'
import type { Tally } from './tally.ts'

/** How far the import of a file has come: everything before `next` is acknowledged. */
export interface ImportProgress {
  readonly next: LinePosition
  readonly statuses: Tally
  /** Bytes of the file of failures that belong to it. */
  readonly failureBytes: number
}

/** The file beside an import that says how far it has come. */
export interface ProgressFile {
  /** @throws CliError when it is of another import. */
  read(): ImportProgress | undefined
  /** Replaces it as a whole: whoever reads it finds the one before or this one. */
  write(progress: ImportProgress): void
  remove(): void
}

const FORMAT = 'waymark.import/1'
const HEAD_BYTES = 65_536

/**
 * @param size of the imported file.
 * @param server its URL and, as a hash, the credential, which says whose tenant the events go to.
 */
export function createProgressFile(
  path: string,
  size: number,
  server: { readonly url: string; readonly credential: string },
): ProgressFile {
  const file = `${path}.waymark-progress`
  const bound = { format: FORMAT, size, head: headOf(path), ...server }
  return {
    read() {
      const text = readIfThere(file)
      if (text === undefined) return undefined
      const kept = JSON.parse(text) as typeof bound & ImportProgress
      const other = (Object.keys(bound) as (keyof typeof bound)[]).find((name) => kept[name] !== bound[name])
      if (other !== undefined) throw ofAnother(file, path, other)
      return { next: kept.next, statuses: kept.statuses, failureBytes: kept.failureBytes }
    },
    write(progress) {
      const next = openSync(`${file}.next`, 'w')
      try {
        writeSync(next, `${JSON.stringify({ ...bound, ...progress }, null, 2)}\n`)
        fsyncSync(next)
      } finally {
        closeSync(next)
      }
      renameSync(`${file}.next`, file)
    },
    remove() {
      rmSync(file, { force: true })
    },
  }
}

const OTHER = {
  format: 'was written by another release',
  size: 'is of a file of another size',
  head: 'is of a file that begins otherwise',
  url: 'is of an import into another server',
  credential: 'is of an import with another key, and so perhaps into another tenant',
}

function ofAnother(file: string, path: string, what: keyof typeof OTHER): CliError {
  return new CliError(
    'conflict',
    `${file} ${OTHER[what]}. Import ${path} from its beginning with --restart (what is recorded already is not counted twice), or put back what has changed.`,
  )
}

function headOf(path: string): string {
  const head = Buffer.alloc(HEAD_BYTES)
  const file = openSync(path, 'r')
  try {
    return hash('sha256', head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)), 'base64url')
  } finally {
    closeSync(file)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
