import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ServerError } from './errors.ts'
import { isSecretKey } from './settings.ts'

export interface SecretKey {
  readonly key: string
  /** `environment` when WAYMARK_SECRET_KEY gave it; `made` when this start made it; `file` when an earlier start did. */
  readonly origin: 'environment' | 'made' | 'file'
  readonly file: string
}

/** Where the server keeps the key that it made. */
export function keyFileOf(cwd: string): string {
  return resolve(cwd, '.waymark/key')
}

/** The key in the file; undefined when there is no file. */
export function readKeyFile(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(file, (error as Error).message, 'Make it readable for this user, or set WAYMARK_SECRET_KEY.', error)
  }
  if (isSecretKey(text)) return text
  throw unusable(file, 'it does not hold one wm_sk_… key', 'Remove it to get a new key, or set WAYMARK_SECRET_KEY.')
}

/** The key of the environment, else the kept one, else a new one, which is kept with mode 0600. */
export function takeSecretKey(given: string | undefined, cwd: string): SecretKey {
  const file = keyFileOf(cwd)
  if (given !== undefined) return { key: given, origin: 'environment', file }
  const kept = readKeyFile(file)
  if (kept !== undefined) return { key: kept, origin: 'file', file }
  const key = `wm_sk_${randomBytes(24).toString('base64url')}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // `wx`: of two servers that start at once, one makes the key and the other reads it.
    writeFileSync(file, `${key}\n`, { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
    return { key, origin: 'made', file }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const other = code === 'EEXIST' ? readKeyFile(file) : undefined
    if (other !== undefined) return { key: other, origin: 'file', file }
    throw unusable(file, (error as Error).message, 'Make the folder writable, or set WAYMARK_SECRET_KEY.', error)
  }
}

function unusable(file: string, why: string, fix: string, cause?: unknown): ServerError {
  return new ServerError('KEY_FILE_UNUSABLE', [`The secret key in ${file} cannot be used: ${why}. ${fix}`], { cause })
}
