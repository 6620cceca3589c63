import { print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'

interface Backup {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly durationMs: number
}

/** A copy takes seconds for a gigabyte. */
const TIMEOUT_MS = 5 * 60_000

/** `waymark backup`: the server copies its SQLite database into a file beside it. */
export async function backup(name: string | undefined, { json = false }: { readonly json?: boolean }): Promise<void> {
  const client = createServerClient()
  const made = await client.call<Backup>('server.database.backup', { name }, { timeoutMs: TIMEOUT_MS })
  if (json) return printJson(made)
  const { file, bytes, sha256, durationMs } = made
  print(`${file}  ${bytes.toLocaleString('en')} bytes in ${(durationMs / 1_000).toFixed(1)} s`, `sha256  ${sha256}`)
}
