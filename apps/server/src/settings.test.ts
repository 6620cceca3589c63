import { describe, expect, it } from 'vitest'
import { tempFolder } from '../test-support/temp-folder.ts'
import { parseSettings, publishModeOf, SETTINGS, type SettingName } from './settings.ts'

const ALL = Object.keys(SETTINGS) as SettingName[]
const SECRET = 'a-secret-of-thirty-two-bytes-or-more'
const KEY = 'wm_sk_0123456789abcdefghijklmnop'

function parse(env: Readonly<Record<string, string>>, cwd = '/nowhere') {
  return parseSettings(ALL, env, cwd)
}

it('has a default for everything', () => {
  expect(parse({})).toEqual({
    ok: true,
    settings: {
      port: 4400,
      host: '127.0.0.1',
      corsOrigins: [],
      database: { kind: 'sqlite', file: '/nowhere/.waymark/waymark.db', label: '.waymark/waymark.db' },
      connections: 10,
      bus: undefined,
      publish: undefined,
      url: 'http://127.0.0.1:4400',
      secretKey: undefined,
      learnerSecret: undefined,
      modules: [],
      postHogGroup: 'company',
      license: undefined,
      logLevel: 'info',
    },
  })
})

it('takes an empty variable for an absent one', () => {
  expect(parse(Object.fromEntries(Object.values(SETTINGS).map(({ name }) => [name, ''])))).toEqual(parse({}))
})

describe.each<[name: SettingName, text: string, value: unknown]>([
  ['port', '0', 0],
  ['port', '65535', 65_535],
  ['host', '0.0.0.0', '0.0.0.0'],
  ['host', '::1', '::1'],
  ['host', 'localhost', 'localhost'],
  ['corsOrigins', 'https://app.example.com', ['https://app.example.com']],
  ['corsOrigins', 'http://localhost:5173, http://[::1]:8080', ['http://localhost:5173', 'http://[::1]:8080']],
  ['corsOrigins', 'capacitor://localhost,', ['capacitor://localhost']],
  ['database', 'sqlite:data/w.db', { kind: 'sqlite', file: '/nowhere/data/w.db', label: 'data/w.db' }],
  ['database', 'sqlite:/var/w.db', { kind: 'sqlite', file: '/var/w.db', label: '/var/w.db' }],
  ['database', 'sqlite:///var/w.db', { kind: 'sqlite', file: '/var/w.db', label: '/var/w.db' }],
  [
    'database',
    'postgres://waymark:hunter2@db:5433/crm?sslmode=require',
    { kind: 'postgres', url: 'postgres://waymark:hunter2@db:5433/crm?sslmode=require', label: 'PostgreSQL crm at db:5433' },
  ],
  ['database', 'postgresql:///crm', { kind: 'postgres', url: 'postgresql:///crm', label: 'PostgreSQL crm' }],
  ['connections', '25', 25],
  ['database', 'sqlite::memory:', { kind: 'memory', label: 'in memory' }],
  ['publish', 'manual', 'manual'],
  ['url', 'https://waymark.example.com/', 'https://waymark.example.com'],
  ['secretKey', KEY, KEY],
  ['learnerSecret', SECRET, { kind: 'secrets', secrets: [SECRET] }],
  ['learnerSecret', `${SECRET},${SECRET}2`, { kind: 'secrets', secrets: [SECRET, `${SECRET}2`] }],
  ['learnerSecret', 'https://login.example.com/jwks.json', { kind: 'jwks', url: 'https://login.example.com/jwks.json' }],
  ['postHogGroup', 'organization', 'organization'],
  ['license', '(MIT OR Apache-2.0) AND LicenseRef-Own', '(MIT OR Apache-2.0) AND LicenseRef-Own'],
  ['logLevel', 'silent', 'silent'],
])('%s', (name, text, value) => {
  it(`takes ${text}`, () => {
    expect(parse({ [SETTINGS[name].name]: text })).toMatchObject({ ok: true, settings: { [name]: value } })
  })
})

describe.each<[name: SettingName, text: string]>([
  ['port', 'abc'],
  ['port', '65536'],
  ['port', '-1'],
  ['port', '44.5'],
  ['host', 'a b'],
  ['host', 'example.com:80'],
  ['corsOrigins', '*'],
  ['corsOrigins', 'null'],
  ['corsOrigins', 'app.example.com'],
  ['corsOrigins', 'https://*.example.com/'],
  ['corsOrigins', 'https://app.example.com,https://app.example.com/start'],
  ['database', 'sqlite:?mode=ro'],
  ['database', 'sqlite:folder/'],
  ['database', 'sqlite::temp:'],
  ['database', 'mysql://host/db'],
  ['database', 'postgres://waymark:hunter2@host'],
  ['database', 'postgresql://host/'],
  ['connections', '0'],
  ['connections', 'many'],
  ['bus', 'nats://localhost:4222'],
  ['publish', 'yes'],
  ['url', 'localhost:4400'],
  ['url', 'http://user:pass@host'],
  ['secretKey', 'wm_sk_short'],
  ['secretKey', `wm_pk_${'x'.repeat(40)}`],
  ['secretKey', `wm_sk_${'x'.repeat(40)} `],
  ['learnerSecret', 'tiny'],
  ['learnerSecret', `${SECRET},short`],
  ['learnerSecret', `${SECRET},${SECRET},${SECRET}`],
  ['learnerSecret', 'http://login.example.com/jwks.json'],
  ['modules', './nope.ts'],
  ['modules', './nope/*.ts'],
  ['postHogGroup', 'x'.repeat(65)],
  ['license', 'https://example.com/terms'],
  ['logLevel', 'loud'],
])('%s', (name, text) => {
  it(`refuses ${text}, and says what is expected and what to do`, () => {
    const { name: variable, expected, secret } = SETTINGS[name] as (typeof SETTINGS)['secretKey' | 'port']
    const parsed = parse({ [variable]: text })
    expect(parsed).toEqual({ ok: false, problems: [expect.stringContaining(expected)] })
    const [problem = ''] = parsed.ok ? [] : parsed.problems
    expect(problem.startsWith(`${variable} ${secret ? 'has a value' : `is ${JSON.stringify(text)}`}`)).toBe(true)
    if (secret) expect(problem).not.toContain(text)
  })
})

it.each([
  ['https://app.example.com/', 'https://app.example.com'],
  ['https://App.Example.com', 'https://app.example.com'],
  ['https://app.example.com:443', 'https://app.example.com'],
  ['http://localhost:5173/start?x=1', 'http://localhost:5173'],
])('says how %s is written as an origin', (text, origin) => {
  const parsed = parse({ WAYMARK_CORS_ORIGINS: text })
  expect(parsed.ok ? '' : parsed.problems[0]).toContain(`Write ${origin} instead.`)
})

it('reports all wrong settings at once', () => {
  const parsed = parse({ PORT: 'x', LOG_LEVEL: 'x', WAYMARK_PUBLISH: 'x' })
  expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.split(' ')[0])).toEqual([
    'PORT',
    'WAYMARK_PUBLISH',
    'LOG_LEVEL',
  ])
})

it('finds modules by path, by glob, and in ./waymark', () => {
  const cwd = tempFolder({
    'waymark/b.yaml': '',
    'waymark/a.ts': '',
    'waymark/a.test.ts': '',
    'waymark/a.d.ts': '',
    'waymark/readme.md': '',
    'src/deep/c.track.json': '',
    'src/deep/node_modules/x/d.track.json': '',
  })
  const modules = (env: Readonly<Record<string, string>>) => {
    const parsed = parse(env, cwd)
    return parsed.ok ? parsed.settings.modules.map((file) => file.slice(cwd.length + 1)) : parsed.problems
  }
  expect(modules({})).toEqual(['waymark/a.ts', 'waymark/b.yaml'])
  expect(modules({ WAYMARK_MODULES: './waymark/{a,b}.{ts,yaml}, src/**/*.json' })).toEqual([
    'waymark/a.ts',
    'waymark/b.yaml',
    'src/deep/c.track.json',
  ])
  expect(modules({ WAYMARK_MODULES: 'waymark/a.ts,waymark/a.ts' })).toEqual(['waymark/a.ts'])
  expect(modules({ WAYMARK_MODULES: 'waymark/readme.md' })).toEqual([expect.stringContaining('readme.md')])
})

it.each([
  ['', 'auto'],
  ['sqlite::memory:', 'auto'],
  ['postgres:///crm', 'manual'],
])('publishes with the database %j %s, unless it is told', (url, mode) => {
  for (const told of ['', 'auto', 'manual']) {
    const parsed = parse({ DATABASE_URL: url, WAYMARK_PUBLISH: told })
    if (!parsed.ok) throw new Error(parsed.problems.join())
    expect(publishModeOf(parsed.settings)).toBe(told || mode)
  }
})
