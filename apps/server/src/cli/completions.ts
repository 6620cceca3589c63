import type { Command, Option } from 'commander'

/** What a word can be, and what it means. */
export interface Completion {
  readonly word: string
  readonly meaning: string
}

/**
 * What the last of some words can become: commands and flags of the command that the words before it name, or the values of an argument or a
 * flag. Empty where the shell knows better: for files, ids and numbers.
 */
export function completionsOf(program: Command, words: readonly string[]): readonly Completion[] {
  const last = words.at(-1) ?? ''
  let command = program
  let flag: Option | undefined
  let given = 0
  for (const word of words.slice(0, -1)) {
    const wanted = flag
    flag = undefined
    if (wanted !== undefined) continue
    if (word.startsWith('-'))
      flag = command.options.find((option) => [option.long, option.short].includes(word) && (option.required || option.optional))
    else {
      const child = command.commands.find((child) => child.name() === word)
      given = child === undefined ? given + 1 : 0
      command = child ?? command
    }
  }
  const all =
    flag !== undefined
      ? valuesOf(flag).map(toCompletion)
      : last.startsWith('-')
        ? flagsOf(command)
        : [
            ...command.commands.map((child) => ({ word: child.name(), meaning: child.description() })),
            ...(command.registeredArguments[given]?.argChoices ?? []).map(toCompletion),
          ]
  return all.filter(({ word }) => word.startsWith(last))
}

/** What stands for any value of a kind where help texts show a flag. */
const KINDS: ReadonlySet<string> = new Set(['text', 'number', 'json', 'boolean', 'array', 'null'])

/** The values that a flag shows between bars, as `<carry|pin>` does. */
function valuesOf({ flags }: Option): readonly string[] {
  const shown = /<([^>]+\|[^>]+)>/.exec(flags)?.[1]?.split('|') ?? []
  return shown.filter((value) => !KINDS.has(value))
}

function toCompletion(word: string): Completion {
  return { word, meaning: '' }
}

function flagsOf(command: Command): Completion[] {
  const flags = command.options.flatMap(({ long, description, hidden }) =>
    long === undefined || long === null || hidden ? [] : [{ word: long, meaning: description }],
  )
  return [...flags, { word: '--help', meaning: 'print this help' }]
}
