/** The settings of the server and the command: one table that is the parser and the documentation. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { findModuleFiles, splitPatterns } from './modules/find-module-files.ts'

/** Environment variables; an empty one counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Database =
  | { readonly kind: 'sqlite'; readonly file: string; readonly label: string }
  | { readonly kind: 'memory'; readonly label: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly label: string }

export type LearnerSecret =
  | { readonly kind: 'secrets'; readonly secrets: readonly string[] }
  | { readonly kind: 'jwks'; readonly url: string }

export type LogLevel = (typeof LOG_LEVELS)[number]

/** One row of the table. */
export interface Setting<T = unknown> {
  readonly name: string
  readonly what: string
  /** The default, in words. */
  readonly fallback: string
  readonly example: string
  /** Its value is never printed. */
  readonly secret?: true
  /** What a right value looks like. */
  readonly expected: string
  /** @param text undefined when it is not set. */
  readonly parse: (text: string | undefined, cwd: string) => T | Refused
}

/** A value that cannot be used; `fix` is the next step. */
export class Refused {
  readonly fix: string
  /** Said instead of "is not usable". */
  readonly why: string | undefined

  constructor(fix: string, why?: string) {
    this.fix = fix
    this.why = why
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const SHORTEST_KEY = 32
const SHORTEST_SECRET_BYTES = 32

export const SETTINGS = {
  port: setting<number>({
    name: 'PORT',
    what: 'Port to listen on; 0 takes a free one.',
    fallback: '4400',
    example: 'PORT=8080',
    expected: 'a whole number from 0 to 65535',
    parse: (text = '4400') =>
      /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : new Refused('Set PORT=4400, or leave it out.'),
  }),
  host: setting<string>({
    name: 'HOST',
    what: 'Address to listen on. The default is reachable from this machine only.',
    fallback: '127.0.0.1',
    example: 'HOST=0.0.0.0',
    expected: 'an IP address or a host name, without a port',
    parse: (text = '127.0.0.1') =>
      /^[A-Za-z0-9.-]+$|^[0-9A-Fa-f:.]+$/.test(text) ? text : new Refused('Set HOST=127.0.0.1, or leave it out.'),
  }),
  corsOrigins: setting<readonly string[]>({
    name: 'WAYMARK_CORS_ORIGINS',
    what: 'Origins of web pages that may call the server from a browser, separated by commas; they are compared exactly.',
    fallback: 'none: only pages that the server itself serves',
    example: 'WAYMARK_CORS_ORIGINS=https://app.example.com,http://localhost:5173',
    expected: 'origins as browsers send them: scheme://host or scheme://host:port, in lower case and without a path',
    parse: parseOrigins,
  }),
  database: setting<Database>({
    name: 'DATABASE_URL',
    what: 'Where everything is kept: one SQLite file, or PostgreSQL 15 or newer. `sqlite::memory:` keeps nothing.',
    fallback: 'sqlite:.waymark/waymark.db (in the working directory)',
    example: 'DATABASE_URL=postgres://waymark:…@db.example.com/waymark',
    secret: true,
    expected: 'sqlite:<path>, sqlite::memory: or postgres://<user>:<password>@<host>/<database>',
    parse: parseDatabase,
  }),
  connections: setting<number>({
    name: 'DATABASE_CONNECTIONS',
    what: 'On PostgreSQL: how many connections queries share; each processor (at most eight) takes one more for the record path.',
    fallback: '10',
    example: 'DATABASE_CONNECTIONS=20',
    expected: 'a whole number from 1 to 200',
    parse: (text = '10') =>
      /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 200
        ? Number(text)
        : new Refused('Set DATABASE_CONNECTIONS=10, or leave it out.'),
  }),
  bus: setting<undefined>({
    name: 'BUS_URL',
    what: 'A message broker; none can be used yet.',
    fallback: 'none',
    example: '(leave it out)',
    secret: true,
    expected: 'nothing: this release takes events over HTTP only',
    parse: (text) =>
      text === undefined ? undefined : new Refused('Unset BUS_URL, and send events to POST /events or /v1/batch instead.'),
  }),
  publish: setting<'auto' | 'manual' | undefined>({
    name: 'WAYMARK_PUBLISH',
    what: '`auto` publishes new versions of tracks at start. `manual` publishes at the very first start only; after that, `waymark tracks publish` does.',
    fallback: 'auto; on PostgreSQL manual',
    example: 'WAYMARK_PUBLISH=manual',
    expected: 'auto or manual',
    parse: (text) =>
      text === undefined || text === 'auto' || text === 'manual'
        ? text
        : new Refused('Set WAYMARK_PUBLISH=auto, or leave it out.'),
  }),
  url: setting<string>({
    name: 'WAYMARK_URL',
    what: 'The server that `waymark events`, `explain` and the other clients call.',
    fallback: 'http://127.0.0.1:4400',
    example: 'WAYMARK_URL=https://waymark.example.com',
    expected: 'an http:// or https:// URL without a query',
    parse: (text = 'http://127.0.0.1:4400') =>
      /^https?:\/\/[^?#@]+$/.test(text) && URL.canParse(text)
        ? text.replace(/\/+$/, '')
        : new Refused('Set WAYMARK_URL=http://127.0.0.1:4400, or leave it out.'),
  }),
  secretKey: setting<string | undefined>({
    name: 'WAYMARK_SECRET_KEY',
    what: 'The key of your backend, which may call everything.',
    fallback: 'made once and kept in .waymark/key',
    example: 'WAYMARK_SECRET_KEY=wm_sk_…',
    secret: true,
    expected: `wm_sk_ and letters, digits, _ or -, ${SHORTEST_KEY} to 256 characters in all`,
    parse: (text) =>
      text === undefined || isSecretKey(text)
        ? text
        : new Refused('Set it to wm_sk_ and at least 26 random characters, or leave it out and let the server make one.'),
  }),
  learnerSecret: setting<LearnerSecret | undefined>({
    name: 'WAYMARK_LEARNER_SECRET',
    what: 'Secret that signs learner tokens (HS256), two of them separated by a comma while you rotate, or the https:// URL of a JWKS.',
    fallback: 'none: learner tokens are refused',
    example: 'WAYMARK_LEARNER_SECRET=https://login.example.com/.well-known/jwks.json',
    secret: true,
    expected: `one or two secrets of at least ${SHORTEST_SECRET_BYTES} bytes, or an https:// URL`,
    parse: parseLearnerSecret,
  }),
  modules: setting<readonly string[]>({
    name: 'WAYMARK_MODULES',
    what: 'Files with your events, traits, tracks and mappings: paths or globs, separated by commas.',
    fallback: './waymark/*.{ts,js,json,yaml,yml} if there are any, else a built-in CRM sample',
    example: 'WAYMARK_MODULES=./src/onboarding/*.ts,./tracks/*.yaml',
    expected: 'files or globs that exist, ending in .ts, .mts, .js, .mjs, .json, .yaml or .yml',
    parse: parseModules,
  }),
  postHogGroup: setting<string>({
    name: 'WAYMARK_POSTHOG_GROUP',
    what: 'The PostHog group type whose groups are accounts.',
    fallback: 'company',
    example: 'WAYMARK_POSTHOG_GROUP=organization',
    expected: '1 to 64 characters',
    parse: (text = 'company') => (text.length <= 64 ? text : new Refused('Set WAYMARK_POSTHOG_GROUP=company, or leave it out.')),
  }),
  license: setting<string | undefined>({
    name: 'WAYMARK_LICENSE',
    what: 'What your API may be used under, for the OpenAPI and the AsyncAPI document.',
    fallback: 'not said; Apache-2.0 where nothing of yours is served',
    example: 'WAYMARK_LICENSE=LicenseRef-Proprietary',
    expected: 'an SPDX expression such as Apache-2.0, MIT OR Apache-2.0 or LicenseRef-Proprietary',
    parse: (text) =>
      text === undefined || /^[A-Za-z0-9(][A-Za-z0-9.:+() -]{0,199}$/.test(text)
        ? text
        : new Refused('Set WAYMARK_LICENSE=LicenseRef-Proprietary, or leave it out.'),
  }),
  logLevel: setting<LogLevel>({
    name: 'LOG_LEVEL',
    what: 'How much is logged, as JSON lines on stderr; `debug` has a line for each request.',
    fallback: 'info',
    example: 'LOG_LEVEL=debug',
    expected: LOG_LEVELS.join(', '),
    parse: (text = 'info') => LOG_LEVELS.find((level) => level === text) ?? new Refused('Set LOG_LEVEL=info, or leave it out.'),
  }),
} as const

type Table = typeof SETTINGS
export type SettingName = keyof Table
export type Settings = { readonly [Name in SettingName]: Table[Name] extends Setting<infer T> ? T : never }

export type ParsedSettings<Name extends SettingName> =
  | { readonly ok: true; readonly settings: Pick<Settings, Name> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads some settings; all wrong ones are reported together. Secret values are never part of a message. */
export function parseSettings<Name extends SettingName>(
  names: readonly Name[],
  env: Environment,
  cwd: string,
): ParsedSettings<Name> {
  const problems: string[] = []
  const settings: Partial<Record<SettingName, unknown>> = {}
  for (const name of names) {
    const row: Setting = SETTINGS[name]
    const text = env[row.name] || undefined
    const value = row.parse(text, cwd)
    if (value instanceof Refused) problems.push(toProblem(row, text, value))
    else settings[name] = value
  }
  return problems.length === 0 ? { ok: true, settings: settings as Pick<Settings, Name> } : { ok: false, problems }
}

/** How a server publishes that is not told: where several nodes start with files of their own, only by hand. */
export function publishModeOf({ publish, database }: Pick<Settings, 'publish' | 'database'>): 'auto' | 'manual' {
  return publish ?? (database.kind === 'postgres' ? 'manual' : 'auto')
}

/** True for a key that the server takes. */
export function isSecretKey(text: string): boolean {
  return text.length >= SHORTEST_KEY && text.length <= 256 && /^wm_sk_[A-Za-z0-9_-]+$/.test(text)
}

function toProblem({ name, secret, expected }: Setting, text: string | undefined, { why, fix }: Refused): string {
  const value = secret ? 'has a value that' : `is ${JSON.stringify(text)}, which`
  return `${name} ${value} cannot be used${why === undefined ? '' : `: ${why}`}. Expected ${expected}. ${fix}`
}

function parseDatabase(text: string | undefined, cwd: string): Database | Refused {
  const url = text ?? 'sqlite:.waymark/waymark.db'
  if (/^postgres(ql)?:/i.test(url)) return parsePostgres(url)
  if (url === 'sqlite::memory:') return { kind: 'memory', label: 'in memory' }
  const path = /^sqlite:(?:\/\/(?=\/))?([^\0?]+)$/.exec(url)?.[1]
  if (path === undefined || path.startsWith(':') || path.endsWith('/') || path.startsWith('//')) {
    return new Refused('Set DATABASE_URL=sqlite:.waymark/waymark.db, or leave it out.')
  }
  return { kind: 'sqlite', file: resolve(cwd, path), label: path }
}

/** The label has no password in it, and no parameters. */
function parsePostgres(url: string): Database | Refused {
  const match = /^postgres(?:ql)?:\/\/(?:[^@/?#]*@)?([^@/?#]*)\/([^/?#]+)(?:\?[^#]*)?$/i.exec(url)
  if (match === null) {
    return new Refused('Set DATABASE_URL=postgres://user:password@host:5432/database.', 'the URL names no database')
  }
  const [, host, name] = match
  return { kind: 'postgres', url, label: host === '' ? `PostgreSQL ${name}` : `PostgreSQL ${name} at ${host}` }
}

function parseLearnerSecret(text: string | undefined): LearnerSecret | undefined | Refused {
  if (text === undefined) return undefined
  if (/^https?:/i.test(text)) {
    const fix = 'Set it to the https:// URL of the key set that your identity provider publishes.'
    return /^https:\/\/[^/?#@]/i.test(text) && URL.canParse(text)
      ? { kind: 'jwks', url: text }
      : new Refused(fix, 'the URL is not https')
  }
  const secrets = text.split(',')
  if (secrets.length > 2) return new Refused('Keep the two newest, and drop the others.', `it holds ${secrets.length} secrets`)
  const short = secrets.findIndex((secret) => Buffer.byteLength(secret) < SHORTEST_SECRET_BYTES)
  if (short < 0) return { kind: 'secrets', secrets }
  const which = secrets.length === 1 ? 'the secret' : `secret ${short + 1} of 2`
  const bytes = Buffer.byteLength(secrets[short] as string)
  const fix = 'Make one with `openssl rand -base64 48`; a comma separates two secrets.'
  return new Refused(fix, `${which} is too short (${bytes} of ${SHORTEST_SECRET_BYTES} bytes)`)
}

function parseModules(text: string | undefined, cwd: string): readonly string[] | Refused {
  if (text === undefined) return findModuleFiles('./waymark/*.{ts,js,json,yaml,yml}', cwd)
  const files = new Set<string>()
  for (const pattern of splitPatterns(text)) {
    const found = findModuleFiles(pattern, cwd)
    if (found.length === 0) {
      return new Refused(
        'Correct the path (it starts from the working directory), or leave the setting out.',
        `no file matches ${pattern}`,
      )
    }
    for (const file of found) files.add(file)
  }
  const odd = [...files].find((file) => !/\.(m?[jt]s|json|ya?ml)$/.test(file) || !existsSync(file))
  return odd === undefined ? [...files] : new Refused('Name module files and track files only.', `${odd} is neither`)
}

function parseOrigins(text = ''): readonly string[] | Refused {
  const origins = splitPatterns(text)
  for (const origin of origins) {
    if (isOrigin(origin)) continue
    const why = `${JSON.stringify(origin)} is no origin`
    const isAddress = /^https?:\/\//i.test(origin) && URL.canParse(origin)
    return isAddress
      ? new Refused(`Write ${new URL(origin).origin} instead.`, why)
      : new Refused('List the origin of each page that calls, or leave the setting out.', why)
  }
  return origins
}

/** As a browser writes it; apps that are web pages inside have schemes of their own. */
function isOrigin(text: string): boolean {
  if (/^https?:/i.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(?::\d{1,5})?$/.test(text)
}

function setting<T>(row: Setting<T>): Setting<T> {
  return row
}
