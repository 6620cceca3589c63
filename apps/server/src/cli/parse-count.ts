import { CliError } from './cli-error.ts'

/** The value of an option that counts something. */
export function parseCount(option: string, text: string, most = 9_999_999): number {
  const count = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= most) return count
  const range = most === 9_999_999 ? 'above 0' : `from 1 to ${most}`
  throw new CliError('usage', `${option} is ${JSON.stringify(text)}. Expected a whole number ${range}, e.g. ${option} 4.`)
}
