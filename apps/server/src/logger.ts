import { createRequire } from 'node:module'
import type pino from 'pino'
import type { LogLevel } from './settings.ts'

/** Structured lines about the process. Fields never hold payloads, ids of people, or secrets. */
export type Logger = Readonly<
  Record<'error' | 'warn' | 'info' | 'debug', (fields: Readonly<Record<string, unknown>>, message: string) => void>
>

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Logs JSON lines to stderr. pino is loaded with the first line: a quiet start does not pay its 20 ms. */
export function createLogger(level: LogLevel): Logger {
  let loaded: pino.Logger | undefined
  const load = (): pino.Logger => {
    const make = createRequire(import.meta.url)('pino') as typeof pino
    loaded = make({ level, base: { pid: process.pid } }, make.destination({ fd: 2, sync: true }))
    return loaded
  }
  const at = (own: keyof Logger): Logger[keyof Logger] =>
    ORDER.indexOf(own) < ORDER.indexOf(level) ? () => {} : (fields, message) => (loaded ?? load())[own](fields, message)
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}
