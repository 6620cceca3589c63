import { SETTINGS } from '../settings.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** The table of settings, for people. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map(({ name, what, fallback, example }) =>
    [`  ${name}`, `    ${what}`, `    default: ${fallback}`, `    example: ${example}`].join('\n'),
  )
  return `Settings (environment variables):\n${rows.join('\n')}\n`
}

/** The table of exit codes, for people. */
export function exitCodeTable(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, means }) => `  ${String(code).padEnd(5)}${means}`)
  return `Exit codes:\n${rows.join('\n')}`
}

/** Commands to copy, under a heading. */
export function examples(...commands: readonly string[]): string {
  return `\nExamples:\n${commands.map((command) => `  ${command}`).join('\n')}`
}
