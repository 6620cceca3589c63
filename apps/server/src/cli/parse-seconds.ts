import { CliError } from './cli-error.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 }

/** The value of an option that is a time: `90s`, `15m`, `1h`. In seconds. */
export function parseSeconds(option: string, text: string, most: number): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? []
  const seconds = Number(count) * (UNITS[unit] ?? 0)
  if (seconds >= 1 && seconds <= most) return seconds
  const longest = `${most / 3_600}h`
  throw new CliError(
    'usage',
    `${option} is ${JSON.stringify(text)}. Expected a time of at most ${longest}, such as 90s, 15m or 1h.`,
  )
}
