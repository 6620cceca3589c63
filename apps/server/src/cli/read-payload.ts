import { readFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** The payload of an event as a command takes it: JSON, `@file`, or `-` for standard input. */
export function readPayload(payload: string | undefined): unknown {
  if (payload === undefined) return undefined
  const place = payload === '-' ? 'standard input' : payload.startsWith('@') ? payload.slice(1) : '--payload'
  let text: string
  try {
    text = payload === '-' ? readFileSync(0, 'utf8') : payload.startsWith('@') ? readFileSync(place, 'utf8') : payload
  } catch (error) {
    throw new CliError('usage', `The payload cannot be read from ${place}: ${(error as Error).message}. Correct the path.`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError(
      'usage',
      `The payload in ${place} is not JSON: ${(error as Error).message}. Expected an object such as '{"dealId":"d-1"}'.`,
    )
  }
}
