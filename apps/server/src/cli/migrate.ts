import { migratePostgres } from '@waymark/store/postgres'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'
import { print, printJson } from './print.ts'

/** `waymark migrate`: brings a PostgreSQL database up to date, as the user who owns it. */
export async function migrate({ json = false }: { readonly json?: boolean }): Promise<void> {
  const parsed = parseSettings(['database'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { database } = parsed.settings
  if (database.kind !== 'postgres') {
    throw new CliError(
      'usage',
      'DATABASE_URL names no PostgreSQL database; one in a file or in memory is brought up to date by `waymark serve`. Set DATABASE_URL=postgres://….',
    )
  }
  const applied = await migratePostgres(database.url)
  if (json) return printJson({ database: database.label, applied })
  print(applied.length === 0 ? `${database.label} is up to date.` : `${database.label}: applied ${applied.join(', ')}.`)
}
