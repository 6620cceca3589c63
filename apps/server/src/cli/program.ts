import { Argument, Command, CommanderError } from 'commander'
import { ARTEFACTS } from '../artefacts.ts'
import { version } from '../version.ts'
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './completion-script.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { fail } from './fail.ts'
import { examples, exitCodeTable, settingsTable } from './help-texts.ts'

/** Reads the command line and runs the command. Each command's file is loaded when it is asked for. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = createProgram()
  const words = argv.slice(argv[2] === 'help' ? 3 : 2)
  const [word = ''] = words
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe has seen enough, as in `waymark events rejected | head`.
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok.code)
  })
  try {
    if (word === 'complete')
      return await (await import('./complete.ts')).complete(program, words.slice(words[1] === '--' ? 2 : 1))
    if (/^[a-z]/.test(word) && !program.commands.some((command) => command.name() === word))
      await (await import('./operation-commands.ts')).addOperationCommands(program, words)
    await program.parseAsync(argv)
  } catch (error) {
    // Commander has written its message, or the help that a group without a command asks for.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code)
    fail(error, { json: argv.includes('--json') })
  }
}

/** The command with all that is built in; those of operations come with the words of the command line. */
export function createProgram(): Command {
  const program = new Command('waymark')
    .description('Onboarding that advances by itself, from the events of your product.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // `--version` of an operation is a field of it.
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(`waymark --help` lists what there is)')
    .addHelpText('after', () => `\n${OPERATIONS}\n\n${exitCodeTable()}`)

  program
    .command('serve')
    .description('start the server; settings come from the environment')
    .addHelpText('after', () => `\n${settingsTable()}\n${examples('waymark serve', 'PORT=8080 LOG_LEVEL=debug waymark serve')}`)
    .action(async () => (await import('./serve.ts')).serve())

  program
    .command('dev')
    .description('serve, start again when a module or track changes, and replace published tracks that changed')
    .option('--once', 'do not watch')
    .addHelpText('after', () => examples('waymark dev'))
    .action(async ({ once }) => {
      if (once) await (await import('./serve.ts')).serve({ publish: 'dev' })
      else (await import('./dev.ts')).dev()
    })

  program
    .command('init')
    .description('write a first events file and a first track')
    .argument('[folder]', 'where; the working directory when absent')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark init', 'waymark init my-product'))
    .action(async (folder, options) => (await import('./init.ts')).init(folder, options))

  program
    .command('token')
    .description('sign a learner token with WAYMARK_LEARNER_SECRET, for trying things out')
    .requiredOption('--learner <id>', 'who the token speaks for')
    .option('--ttl <time>', 'how long it lives, at most 1h: 90s, 15m, 1h', '15m')
    .option('--tenant <name>', 'the tenant; default when absent')
    .option('--account <id>', 'an account of the learner; can be given several times', collect, [])
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark token --learner ada', 'waymark token --learner ada --ttl 1h --account acme'))
    .action(async (options) => (await import('./token.ts')).token(options))

  const events = program.command('events').description('send events, and see which were rejected')
  events
    .command('send')
    .description('record one event and say what it did; or many from a file')
    .argument('[eventName]', 'key of the event contract, e.g. deal.created')
    .option('--learner <id>', 'who acted')
    .option('--payload <json>', 'the payload: JSON, @file, or - for standard input')
    .option('--id <id>', 'event id: the same id never counts twice')
    .option('--at <time>', 'when it happened, ISO 8601; now when absent')
    .option('--source <name>', 'which part of the product reports it')
    .option('--track <key>', 'the one track it is meant for')
    .option('--account <id>', 'the account in which the learner acted')
    .option('--event-version <version>', 'version of the event contract; the latest when absent')
    .option('--file <path>', 'send many: one JSON event a line, - for standard input')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', () =>
      examples(
        `waymark events send deal.created --learner ada --payload '{"dealId":"d-1","pipelineId":"sales","amount":1200}'`,
        'waymark events send deal.won --learner ada --payload @won.json --id evt-42',
        'waymark events send --file events.ndjson',
      ),
    )
    .action(async (eventName, options) => (await import('./events-send.ts')).eventsSend(eventName, options))
  const rejected = events
    .command('rejected')
    .description('see the events that could not be recorded, and try them again')
    .addHelpText('after', () => examples('waymark events rejected', 'waymark events rejected redrive --all'))
  rejected
    .command('list', { isDefault: true })
    .description('list them, newest first, with the reason')
    .option('--event <name>', 'only events of this name')
    .option('--code <code>', 'only those with this problem, e.g. VALIDATION_FAILED')
    .option('--limit <count>', 'how many at most', '50')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', () =>
      examples('waymark events rejected list', 'waymark events rejected list --event deal.won --json --limit 200'),
    )
    .action(async (options) => (await import('./events-rejected-list.ts')).eventsRejectedList(options))
  rejected
    .command('redrive')
    .description('try them again, as if they arrived when they first did; what is stored then is no longer rejected')
    .option('--id <id>', 'one of them; can be given several times', collect, [])
    .option('--all', 'all of them, or all that --event and --code leave')
    .option('--event <name>', 'with --all: only events of this name')
    .option('--code <code>', 'with --all: only those with this problem')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () =>
      examples('waymark events rejected redrive --all', 'waymark events rejected redrive --all --code TRACK_NOT_FOUND'),
    )
    .action(async (options) => (await import('./events-rejected-redrive.ts')).eventsRejectedRedrive(options))

  events
    .command('unknown')
    .description('see the events that have neither a contract nor a mapping, counted by name, with their fields')
    .option('--limit <count>', 'how many names at most', '50')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', () => examples('waymark events unknown', 'waymark events unknown --json --limit 300'))
    .action(async (options) => (await import('./events-unknown.ts')).eventsUnknown(options))

  program
    .command('import')
    .description('record events of the past from files: one JSON event a line, also gzipped (.gz)')
    .argument('<files...>', 'paths of the files')
    .option('--concurrency <count>', 'how many batches are on their way at once', '4')
    .option('--wait <time>', 'how long to try again while the server does not answer: 90s, 15m, 1h', '5m')
    .option('--failures <path>', 'where lines that were not recorded go; FILE.rejected.ndjson when absent')
    .option('--restart', 'begin anew, whatever an earlier run has done')
    .option('--json', 'print one JSON object a file')
    .addHelpText('after', () =>
      examples('waymark import events-2025.ndjson.gz', 'waymark import --concurrency 8 january.ndjson february.ndjson'),
    )
    .action(async (files, options) => (await import('./import.ts')).importFiles(files, options))

  program
    .command('explain')
    .description('say why each step of a learner is done or not, what an event did, or what one would do')
    .argument('<learner>', 'the learner')
    .option('--track <key>', 'one track only')
    .option('--step <key>', 'one step only, with the events that almost counted')
    .option('--account <id>', 'the account, for tracks of accounts; the only one of the learner when absent')
    .option('--event <id>', 'what this recorded event did')
    .option('--source <name>', 'source of the event')
    .option('--name <event>', 'what an event of this name would do if it were reported now; nothing is stored')
    .option('--payload <json>', 'its payload: JSON, @file, or - for standard input')
    .option('--at <time>', 'when it would have happened, ISO 8601; now when absent')
    .option('--event-version <version>', 'version of its contract; the latest when absent')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', () =>
      examples(
        'waymark explain ada --step create-deals',
        'waymark explain ada --event evt-42',
        `waymark explain ada --name deal.created --payload '{"amount":400}'`,
      ),
    )
    .action(async (learner, options) => (await import('./explain.ts')).explain(learner, options))

  program
    .command('simulate')
    .description('say how a track would stand after events that did not happen and time that did not pass; nothing is stored')
    .argument('[learner]', 'whose journal it goes on from; nobody’s when absent')
    .option('--track <key>', 'a track that is served')
    .option('--definition <path>', 'another definition: a JSON, YAML or module file with one track')
    .option('--account <id>', 'the account, of a track of accounts; the only one of the learner when absent')
    .option(
      '--events <path>',
      'the events: one JSON object a line with eventName, eventPayload, occurredAt; - for standard input',
    )
    .option('--enrol-at <time>', 'start a run then, of a track that enrols explicitly')
    .option('--advance-to <time>', 'up to when time passes, ISO 8601')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', () =>
      examples(
        'waymark simulate ada --track first-win --advance-to 2026-12-01T00:00:00Z',
        'waymark simulate --definition next.json --events story.ndjson',
      ),
    )
    .action(async (learner, options) => (await import('./simulate.ts')).simulate(learner, options))

  program
    .command('docs')
    .description('the documentation of contracts')
    .command('build')
    .description('write the reference of what a server here would serve: HTML, Markdown, llms.txt')
    .option('--out <folder>', 'where to', 'reference')
    .option('--title <text>', 'of the site', 'Waymark')
    .option('--pages <folder>', 'your own Markdown in English, shown beside it: tutorial/, guides/, reference/ and explanation/')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () =>
      examples('waymark docs build --out public/reference', 'waymark docs build --pages docs --title Acme'),
    )
    .action(async (options) => (await import('./docs-build.ts')).docsBuild(options))

  program
    .command('mcp')
    .description('the tools of the running server for an MCP client, on standard input and output')
    .addHelpText('after', () =>
      examples('waymark mcp', 'WAYMARK_URL=https://waymark.example.com WAYMARK_SECRET_KEY=wm_sk_… waymark mcp'),
    )
    .action(async () => (await import('./mcp.ts')).mcp())

  const tracks = program.command('tracks').description('work on tracks')
  tracks
    .command('lint')
    .description('check modules and tracks as `serve` would, without a server')
    .argument('[files...]', 'report on these only; what WAYMARK_MODULES names when absent')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark tracks lint', 'waymark tracks lint waymark/first-track.yaml'))
    .action(async (files, options) => (await import('./tracks-lint.ts')).tracksLint(files, options))

  const policy = ['--policy <carry|pin|restart|exit>', 'what becomes of open runs', 'carry'] as const
  tracks
    .command('publish')
    .description('publish tracks on the server, and bring everybody to them')
    .argument('[files...]', 'files with tracks; what WAYMARK_MODULES names when absent')
    .option(...policy)
    .option('--no-wait', 'do not wait for the backfill')
    .option('--json', 'print one JSON object a track')
    .addHelpText('after', () =>
      examples('waymark tracks publish', 'waymark tracks publish waymark/first-track.yaml --policy pin'),
    )
    .action(async (files, options) => (await import('./tracks-publish.ts')).tracksPublish(files, options))
  tracks
    .command('dry-run')
    .description('say what publishing would do, on the journals of the server; nothing is changed')
    .argument('[files...]', 'files with tracks; what WAYMARK_MODULES names when absent')
    .option(...policy)
    .option('--sample <count>', 'look at about so many subjects; at all when absent')
    .option('--json', 'print one JSON object a track')
    .addHelpText('after', () =>
      examples('waymark tracks dry-run waymark/first-track.yaml', 'waymark tracks dry-run --policy restart --sample 1000'),
    )
    .action(async (files, options) => (await import('./tracks-dry-run.ts')).tracksDryRun(files, options))
  tracks
    .command('backfill')
    .description('bring everybody up to date with a track: counts what happened before it was published')
    .argument('<track>', 'key of the track')
    .option('--no-wait', 'do not wait for its end')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark tracks backfill first-win'))
    .action(async (track, options) => (await import('./tracks-backfill.ts')).tracksBackfill(track, options))
  tracks
    .command('rollback')
    .description('serve an earlier version of a track again')
    .argument('<track>', 'key of the track')
    .option('--to <version>', 'the version; the one that was published before when absent')
    .option('--no-wait', 'do not wait for the backfill')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark tracks rollback first-win', 'waymark tracks rollback first-win --to 1.2.0'))
    .action(async (track, options) => (await import('./tracks-rollback.ts')).tracksRollback(track, options))
  const statuses = [
    ['pause', 'paused', 'stop a track: it starts nothing and misses nothing; what happens is kept'],
    ['archive', 'archived', 'do not serve a track any more; what it gave stays'],
  ] as const
  for (const [name, status, description] of statuses)
    tracks
      .command(name)
      .description(description)
      .argument('<track>', 'key of the track')
      .option('--json', 'print one JSON document')
      .addHelpText('after', () => examples(`waymark tracks ${name} first-win`))
      .action(async (track, options) => (await import('./tracks-status.ts')).tracksStatus(track, status, options))
  tracks
    .command('resume')
    .description('let a paused or archived track go on, with all that happened meanwhile')
    .argument('<track>', 'key of the track')
    .option('--no-wait', 'do not wait for the backfill')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark tracks resume first-win'))
    .action(async (track, options) => (await import('./tracks-status.ts')).tracksStatus(track, 'active', options))
  tracks
    .command('list')
    .description('list the published tracks with their versions')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', () => examples('waymark tracks list'))
    .action(async (options) => (await import('./tracks-list.ts')).tracksList(options))
  tracks
    .command('jobs')
    .description('list backfills and dry runs, newest first')
    .option('--track <key>', 'of one track only')
    .option('--limit <count>', 'how many at most', '20')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', () => examples('waymark tracks jobs', 'waymark tracks jobs --track first-win --json'))
    .action(async (options) => (await import('./tracks-jobs.ts')).tracksJobs(options))
  tracks
    .command('cancel')
    .description('stop a backfill or a dry run; what it did stays')
    .argument('<job>', 'id of the job')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark tracks cancel 0195f0c2-7d1e-7cc0-8a51-3f9d4e6b2a10'))
    .action(async (job, options) => (await import('./tracks-jobs.ts')).tracksCancel(job, options))

  const contracts = program
    .command('contracts')
    .description('print what is made of the contracts of the modules; no server is needed')
  for (const artefact of ARTEFACTS)
    contracts
      .command(artefact.name)
      .description(`print ${artefact.what}`)
      .option('--out <file>', 'write it to a file instead')
      .addHelpText('after', () =>
        examples(`waymark contracts ${artefact.name}`, `waymark contracts ${artefact.name} --out ${artefact.file}`),
      )
      .action(async (options) => (await import('./contracts-print.ts')).contractsPrint(artefact, options))

  program
    .command('completion')
    .description('print a script that lets a shell complete commands and flags')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', () => examples(...COMPLETION_HINTS))
    .action((shell: Shell) => {
      process.stdout.write(COMPLETION_SCRIPTS[shell])
    })

  program
    .command('migrate')
    .description('bring the PostgreSQL database of DATABASE_URL up to date; `serve` does so too where its user may')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('DATABASE_URL=postgres://owner:…@db.example.com/waymark waymark migrate'))
    .action(async (options) => (await import('./migrate.ts')).migrate(options))

  program
    .command('backup')
    .description('copy the SQLite database of the running server into a file in its .waymark/backups')
    .argument('[name]', 'name of the file; made from the time when absent')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark backup', 'waymark backup before-upgrade.db'))
    .action(async (name, options) => (await import('./backup.ts')).backup(name, options))

  program
    .command('doctor')
    .description('check this machine, the settings, the database and the modules')
    .option('--json', 'print one JSON document')
    .addHelpText('after', () => examples('waymark doctor', 'waymark doctor --json'))
    .action(async (options) => (await import('./doctor.ts')).doctor(options))

  return program
}

const COMPLETION_HINTS = [
  'source <(waymark completion bash)',
  'waymark completion zsh > ~/.zfunc/_waymark',
  'waymark completion fish > ~/.config/fish/completions/waymark.fish',
]

/** Loading contracts to list them would make this help slow. */
const OPERATIONS = `Every operation is a command too, at the words of its key:
  waymark learning onboarding --help
  waymark learning onboarding get-progress --learner-id ada`

function collect(value: string, all: readonly string[]): string[] {
  return [...all, value]
}
