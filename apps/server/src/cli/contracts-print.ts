import { writeFileSync } from 'node:fs'
import type { Artefact } from '../artefacts.ts'
import { licenseOf, prepare } from '../compose.ts'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'
import { say } from './print.ts'

/** `waymark contracts openapi` and its like: of our contracts and those that WAYMARK_MODULES names, without a server. */
export async function contractsPrint({ make, what }: Artefact, { out }: { readonly out?: string }): Promise<void> {
  const parsed = parseSettings(['modules', 'license'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const prepared = await prepare(parsed.settings.modules, undefined)
  const text = await make(prepared.registry, licenseOf(prepared, parsed.settings))
  if (out === undefined) {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(out, text)
  } catch (error) {
    throw new CliError('failure', `Cannot write ${out}: ${(error as Error).message}. Choose another path with --out.`)
  }
  say(`Wrote ${what} to ${out}.`)
}
