import type { Command } from 'commander'
import { completionsOf } from './completions.ts'
import { addOperationCommands, operationFirstWords } from './operation-commands.ts'
import { print } from './print.ts'

/**
 * `waymark complete -- <words…>`, which the scripts of `waymark completion` call: a line for everything that the last word can become,
 * with its meaning behind a tab. A line that cannot be completed has no answer.
 */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  const [first = '', ...rest] = words
  const found = [...completionsOf(program, words)]
  const isBuiltIn = program.commands.some((command) => command.name() === first)
  if (!isBuiltIn && rest.length > 0) {
    await addOperationCommands(program, words.slice(0, -1)).catch(() => {})
    found.splice(0, found.length, ...completionsOf(program, words))
  } else if (rest.length === 0 && !first.startsWith('-')) {
    const known = new Set(program.commands.map((command) => command.name()))
    for (const word of await operationFirstWords())
      if (word.startsWith(first) && !known.has(word)) found.push({ word, meaning: `operations ${word}.*` })
  }
  for (const { word, meaning } of found) print(`${word}\t${meaning.replaceAll(/\s+/g, ' ')}`)
}
