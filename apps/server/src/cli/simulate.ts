import { readFileSync } from 'node:fs'
import type { OutputOf } from '@waymark/contract'
import type { SimulateContract, TrackModel } from '@waymark/learning-journey'
import { CliError } from './cli-error.ts'
import { paint, print, printJson } from './print.ts'
import { createServerClient } from './server-client.ts'
import { tracksAtHand } from './tracks-at-hand.ts'

interface SimulateOptions {
  readonly track?: string
  readonly definition?: string
  readonly account?: string
  readonly events?: string
  readonly enrolAt?: string
  readonly advanceTo?: string
  readonly json?: boolean
}

/** `waymark simulate`: how a track would stand after events that did not happen and time that did not pass. */
export async function simulate(learner: string | undefined, options: SimulateOptions): Promise<void> {
  const { track, definition, account, events, enrolAt, advanceTo, json } = options
  if ((track === undefined) === (definition === undefined))
    throw new CliError('usage', 'Name one track: --track of a track that is served, or --definition of a file with another one.')
  const answer = await createServerClient().call<OutputOf<typeof SimulateContract>>('simulate', {
    learnerId: learner,
    accountId: account,
    trackId: track,
    definition: definition === undefined ? undefined : await readDefinition(definition),
    events: events === undefined ? undefined : readEvents(events),
    enrolAt,
    advanceTo,
  })
  if (json) return printJson(answer)
  const { trackId, version, status, percent, steps } = answer.track
  print(
    `${paint('title', `${trackId} ${version}`)} at ${answer.at}: ${status}, ${percent}%`,
    ...steps.map((step) => `  ${paint(step.status === 'completed' ? 'good' : 'bad', step.status)} ${step.stepId}`),
    ...(answer.facts.length === 0 ? [] : ['Would be announced:']),
    ...answer.facts.map(({ name, stepId, occurredAt, data }) => {
      const xp = typeof data.xp === 'number' ? ` ${data.xp} XP` : ''
      return `  ${occurredAt} ${name.replace('learning.onboarding.', '')}${stepId === null ? '' : ` ${stepId}`}${xp}`
    }),
    ...(answer.alarmAt === null ? [] : [`Time changes something next at ${answer.alarmAt}.`]),
  )
}

async function readDefinition(file: string): Promise<TrackModel> {
  const [track, ...more] = await tracksAtHand([file])
  if (track !== undefined && more.length === 0) return track
  throw new CliError('usage', `${file} has ${1 + more.length} tracks. Write the one to simulate into a file of its own.`)
}

/** One JSON event a line. */
function readEvents(path: string): readonly unknown[] {
  const lines = readFile(path).split('\n')
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [readJson(`line ${index + 1} of ${path}`, line)]))
}

function readJson(place: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError('usage', `There is no JSON in ${place}: ${(error as Error).message}. Correct it.`)
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new CliError('usage', `${path} cannot be read: ${(error as Error).message}. Correct the path.`)
  }
}
