import { styleText } from 'node:util'

/** Writes lines of data to stdout. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** Writes one JSON document to stdout, on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** Writes a message to stderr. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

/** Text in a colour, where stdout shows colours: not in a pipe, not with NO_COLOR. */
export function tint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** Colours for the parts of an explanation. */
export function paint(part: 'title' | 'good' | 'bad', text: string): string {
  return tint(PAINT[part], text)
}

const PAINT = { title: 'bold', good: 'green', bad: 'yellow' } as const
