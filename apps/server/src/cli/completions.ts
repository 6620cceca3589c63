import type { Command, Option } from 'commander'

/** What a word can be, and what it means. */
export interface Completion {
  readonly word: string
  readonly meaning: string
}

/**
 * What the last of some words can become: commands and flags of the command that the words before it name, or the values of a flag.
 * Empty where the shell knows better: for files, ids and numbers.
 */
export function completionsOf(program: Command, words: readonly string[]): readonly Completion[] {
  const last = words.at(-1) ?? ''
  let command = program
  let flag: Option | undefined
  for (const word of words.slice(0, -1)) {
    const wanted = flag
    flag = undefined
    if (wanted !== undefined) continue
    if (word.startsWith('-'))
      flag = command.options.find((option) => [option.long, option.short].includes(word) && (option.required || option.optional))
    else command = command.commands.find((child) => child.name() === word) ?? command
  }
  const all =
    flag !== undefined
      ? (flag.argChoices ?? []).map((word) => ({ word, meaning: '' }))
      : last.startsWith('-')
        ? flagsOf(command)
        : command.commands.map((child) => ({ word: child.name(), meaning: child.description() }))
  return all.filter(({ word }) => word.startsWith(last))
}

function flagsOf(command: Command): Completion[] {
  const flags = command.options.flatMap(({ long, description, hidden }) =>
    long === undefined || long === null || hidden ? [] : [{ word: long, meaning: description }],
  )
  return [...flags, { word: '--help', meaning: 'print this help' }]
}
