import { relative } from 'node:path'
import { styleText } from 'node:util'
import type { RunningServer } from '../start-server.ts'

/** What `serve` prints when it is ready. The last lines are to be pasted into a shell as they are. */
export function banner(
  server: Pick<RunningServer, 'url' | 'key' | 'keyOrigin' | 'settings' | 'isSample' | 'tracks' | 'unpublished' | 'tryIt'>,
  { isTerminal, cwd }: { readonly isTerminal: boolean; readonly cwd: string },
): string {
  const { url, key, keyOrigin, settings, tracks, unpublished } = server
  const isKeyShown = keyOrigin !== 'environment' || isTerminal
  const rows: [string, string][] = [
    ['URL', url],
    ['Key', isKeyShown ? `${key}  (${ORIGINS[keyOrigin]})` : ORIGINS[keyOrigin]],
    ['Database', describeDatabase(settings.database, cwd)],
    ...tracks.map(({ key, version, steps }): [string, string] => ['Track', `${key} ${version}, ${steps.length} steps`]),
    ...unpublished.map(({ key, version }): [string, string] => [
      'Track',
      `${key} ${version} waits to be published: \`waymark tracks publish\``,
    ]),
  ]
  if (tracks.length + unpublished.length === 0) rows.push(['Track', 'none'])
  if (server.isSample)
    rows.push([
      'Notice',
      'There are no modules in ./waymark, so the built-in CRM sample is served. `waymark init` writes your own.',
    ])
  const lines = tryItLines(server, isKeyShown ? key : '$WAYMARK_SECRET_KEY')
  const title = server.tryIt.calls.length > 0 ? 'Paste these lines to see a learner advance:' : 'Paste this line to call it:'
  return [
    styleText('bold', 'Waymark is ready.', { stream: process.stdout }),
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`),
    '',
    title,
    '',
    ...lines,
    '',
    '',
  ].join('\n')
}

function describeDatabase(database: RunningServer['settings']['database'], cwd: string): string {
  if (database.kind === 'memory') return 'in memory: nothing is kept'
  return database.kind === 'sqlite' ? relative(cwd, database.file) : database.label
}

const ORIGINS = {
  environment: 'from WAYMARK_SECRET_KEY',
  made: 'made now, kept in .waymark/key',
  file: 'from .waymark/key',
} as const

function tryItLines({ url, tryIt }: Pick<RunningServer, 'url' | 'tryIt'>, key: string): string[] {
  const path = `${url}/v1/learning/onboarding`
  const auth = `-H "Authorization: Bearer ${key}"`
  return [
    ...tryIt.calls.map(
      ({ operation, body }) =>
        `curl -sS -w '\\n' ${path}/${operation} ${auth} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`,
    ),
    `curl -sS -w '\\n' ${quoted(`${path}/getProgress?learnerId=${encodeURIComponent(tryIt.learnerId)}`)} ${auth}`,
  ]
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
