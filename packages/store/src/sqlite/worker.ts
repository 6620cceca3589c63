/**
 * The database thread. It takes one call at a time, in order, and answers each before it takes the next; everything in it is
 * synchronous. States: waiting for `open`, open, closed. When no call has come for a moment it copies the log into the file.
 */
import { parentPort } from 'node:worker_threads'
import type { CallMessage, Calls, ThreadMessage } from './calls.ts'
import { type Database, openDatabase } from './open-database.ts'
import { toStoreError } from './to-store-error.ts'

const IDLE_MS = 200

let file = ''
let database: Database | undefined
const idle = setTimeout(checkpointWhenIdle, IDLE_MS)

parentPort?.on('message', (message: CallMessage) => {
  send(answer(message))
  idle.refresh()
})

function answer({ call, ask }: CallMessage): ThreadMessage {
  try {
    return { kind: 'answer', answer: call === 'open' ? open(ask as string) : run(call, ask) }
  } catch (error) {
    const { code, message, errcode } = toStoreError(error, file)
    return { kind: 'failure', failure: { code, message, errcode } }
  }
}

function open(path: string): readonly string[] {
  file = path
  database = openDatabase(path)
  return database.notices
}

function run(call: Exclude<keyof Calls, 'open'>, ask: unknown): unknown {
  if (database === undefined) throw new Error(`${call} was called before open`)
  const result = (database[call] as (ask: unknown) => unknown)(ask)
  if (call === 'close') {
    clearTimeout(idle)
    database = undefined
  }
  return result
}

function checkpointWhenIdle(): void {
  try {
    database?.checkpoint()
  } catch (error) {
    send({ kind: 'notice', notice: `Checkpoint: ${toStoreError(error, file).message}` })
  }
}

function send(message: ThreadMessage): void {
  parentPort?.postMessage(message)
}
