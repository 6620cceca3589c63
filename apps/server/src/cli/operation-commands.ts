import { composeRegistry, type Registry } from '@waymark/contract'
import { type OperationCommand, type OperationFlag, operationCommands } from '@waymark/surface/cli'
import { type Command, Option } from 'commander'
import { prepare } from '../compose.ts'
import { ServerError } from '../errors.ts'
import { OWN_MODULES } from '../modules/own-modules.ts'
import { parseSettings } from '../settings.ts'
import { callOperation } from './call-operation.ts'
import { examples } from './help-texts.ts'
import { say } from './print.ts'

/** Flags that every such command has; a field with one of these names is said with `--input`. */
const KEPT_NAMES: ReadonlySet<string> = new Set(['input', 'json', 'all', 'idempotency-key', 'help'])

/**
 * Adds a command for each operation whose key begins with the first word: ours, and those of the modules at hand.
 * @param words of the command line.
 * @throws ServerError when a module cannot be loaded, and no operation of ours begins so.
 */
export async function addOperationCommands(program: Command, words: readonly string[]): Promise<void> {
  const [firstWord = ''] = words
  const own = commandsOf(composeRegistry(...OWN_MODULES), firstWord)
  // Modules of a user take time, and may be broken: a command of ours needs none.
  const isOurs = own.some((command) => command.words.every((word, index) => word === words[index]))
  const commands = isOurs ? own : await commandsAtHand(firstWord, own)
  for (const command of commands) addOperationCommand(program, command)
}

/** The first words of all operations, ours and those of the modules at hand; of modules that cannot be loaded none. */
export async function operationFirstWords(): Promise<readonly string[]> {
  const registry = await registryAtHand().catch(() => composeRegistry(...OWN_MODULES))
  return [...new Set(operationCommands(registry).map(({ words }) => words[0] as string))].sort()
}

async function commandsAtHand(firstWord: string, own: readonly OperationCommand[]): Promise<readonly OperationCommand[]> {
  try {
    return commandsOf(await registryAtHand(), firstWord)
  } catch (error) {
    if (own.length === 0 || !(error instanceof ServerError)) throw error
    say(error.problems.join('\n'))
    return own
  }
}

function commandsOf(registry: Registry, firstWord: string): readonly OperationCommand[] {
  return operationCommands(registry).filter(({ words }) => words[0] === firstWord)
}

async function registryAtHand(): Promise<Registry> {
  const parsed = parseSettings(['modules'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  return (await prepare(parsed.settings.modules, undefined)).registry
}

/** Adds the command of one operation, with a flag for each field of its input. */
export function addOperationCommand(program: Command, command: OperationCommand): void {
  const { words, entry, answers, flags } = command
  const { meta } = entry.operation
  let target = program
  for (const word of words) target = target.commands.find((child) => child.name() === word) ?? target.command(word)
  target.description(`${meta.description}${meta.deprecation === undefined ? '' : ' (deprecated)'}`)
  const fields = new Map<string, string>()
  for (const flag of flags.filter(({ name }) => !KEPT_NAMES.has(name))) {
    const [option, ...others] = toOptions(flag)
    fields.set(option.attributeName(), flag.field)
    for (const one of [option, ...others]) target.addOption(one)
  }
  target.option('--input <file>', 'the whole input as JSON, - for standard input; flags come on top of it')
  if (answers === 'in pages') target.option('--all', 'every item of every page, one JSON object a line')
  if (answers !== 'as a stream') target.option('--json', 'print the answer on one line')
  if (entry.operation.kind === 'command')
    target.option('--idempotency-key <key>', 'the same key is the same call: what was done once is answered again')
  const required = flags.filter(({ description }) => description.endsWith('(required)'))
  const example = required.map(({ name, kind, hint }) => ` --${name}${kind === 'switch' ? '' : ` <${hint}>`}`).join('')
  target.addHelpText('after', () => examples(`waymark ${words.join(' ')}${example}`))
  target.action(async (options: Readonly<Record<string, unknown>>) => {
    const values = Object.fromEntries(
      Object.entries(options).flatMap(([name, value]) => (fields.has(name) ? [[fields.get(name), value]] : [])),
    )
    await callOperation(command, values, options)
  })
}

function toOptions({ name, kind, hint, description }: OperationFlag): [Option, ...Option[]] {
  if (kind === 'switch') return [new Option(`--${name}`, description), new Option(`--no-${name}`).hideHelp()]
  const option = new Option(`--${name} <${hint}>`, description)
  return [kind === 'list' ? option.argParser((value, all: readonly string[] = []) => [...all, value]) : option]
}
