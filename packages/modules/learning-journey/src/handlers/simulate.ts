import type { Fail, Handler } from '@waymark/contract'
import type { SimulateContract } from '../contracts/simulate.ts'
import { type CompiledTrack, definitionOf, emptyState, isHeldOut, SubjectRow } from '../engine/index.ts'
import { compileGiven } from '../explain/compile-given.ts'
import { enrolment, foldSupposed, startSimulation } from '../explain/simulation.ts'
import { readJournal, type SubjectReading, traitsAt } from '../explain/subject-reading.ts'
import { suppose } from '../explain/suppose.ts'
import { toFactRow } from '../record/derived-rows.ts'
import { learnerSubject, toEntry } from '../record/entry-row.ts'
import { findPeople } from '../record/people.ts'
import { validationProblem } from '../record/validation-problem.ts'
import { nearest } from '../track/nearest.ts'
import { toTrack } from './get-progress.ts'
import { SHOWN } from './hidden-tracks.ts'
import { type Journey, toMoment, toMomentOrNull } from './journey.ts'
import { toOutcome } from './outcomes.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.simulate`: the fold of the record path, on a copy of the state. */
export function simulate(journey: Journey): Handler<typeof SimulateContract> {
  const { catalogue, calendar, hash, now } = journey
  return async ({ input, principal, call, fail }) => {
    const { learnerId, accountId, trackId = '', definition, enrolAt, advanceTo } = input
    if (definition !== undefined && principal.kind === 'learner')
      throw fail.FORBIDDEN({
        detail: 'Only services and operators may simulate another definition. Name a track that is served.',
      })
    const track =
      definition === undefined ? catalogue.track(trackId) : await compileGiven(journey, definition, fail.VALIDATION_FAILED)
    if (track === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId))
    const reading = await readingOf(journey, track, { learnerId, accountId }, principal, fail)
    // Who is held out does not learn of the track.
    if (principal.kind === 'learner' && isHeldOut(track, reading?.key.subject))
      throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId))

    const times = [enrolAt, ...input.events.map(({ occurredAt }) => occurredAt)].flatMap((text) =>
      text === undefined ? [] : [toTime(text)],
    )
    const start = reading === null ? Math.min(now(), ...times) : now()
    const run = startSimulation(journey, track, reading, start)
    await foldSupposed(run, [], true)
    const whose = { learnerId: learnerId ?? IMAGINED, accountId }
    if (enrolAt !== undefined) await foldSupposed(run, [enrolment(run, whose.learnerId, toTime(enrolAt), principal)])
    const events = []
    for (const [index, event] of input.events.entries()) {
      const pointer = `/events/${index}`
      const unknown = () => {
        const message = `There is no event ${event.eventName}${suggestion(event.eventName, catalogue.eventNames)}`
        return fail.VALIDATION_FAILED(
          validationProblem([
            { pointer: `${pointer}/eventName`, message, expected: 'the name of an event contract', received: 'string' },
          ]),
        )
      }
      const supposed = { principal, channel: call.channel, receivedAt: run.at, pointer }
      const row = await suppose(journey, { ...event, ...whose }, supposed, { ...fail, unknown })
      const occurredAt = event.occurredAt === undefined ? run.at : toTime(event.occurredAt)
      run.at = Math.max(run.at, occurredAt)
      const reader = reading?.key.subject ?? row.subject
      const entry = { ...toEntry(row, undefined, reader), occurredAt, receivedAt: run.at }
      const outcomes = await foldSupposed(run, [entry])
      const traits = reading === null ? undefined : traitsAt(reading, track, occurredAt)
      events.push({
        eventName: entry.name,
        occurredAt: toMoment(occurredAt),
        outcomes: outcomes.map((outcome) => toOutcome(outcome, entry, calendar, traits)),
      })
    }
    const end = advanceTo === undefined ? run.at : toTime(advanceTo)
    if (end < run.at) throw fail.VALIDATION_FAILED(validationProblem([backwards(run.at)]))
    run.at = end
    await foldSupposed(run, [])
    const row = new SubjectRow(run.row)
    const shown = definitionOf(track, row)
    const state = row.get(shown)?.state ?? emptyState(shown)
    const key = reading?.key ?? { tenant: principal.tenant, subject: learnerSubject(IMAGINED) }
    return {
      at: toMoment(end),
      track: toTrack(shown, state, SHOWN, undefined, calendar),
      events,
      facts: run.facts.map((fact) => {
        const { name, step, occurredAt, data } = toFactRow(key, fact, false, hash)
        return { name, stepId: step, occurredAt: toMoment(occurredAt), data: JSON.parse(data) as Record<string, unknown> }
      }),
      alarmAt: toMomentOrNull(state.alarm),
    }
  }
}

/** A learner who is nobody. */
const IMAGINED = 'somebody'

/** The journal that the track is about; null for one without entries. */
async function readingOf(
  journey: Journey,
  track: CompiledTrack,
  { learnerId, accountId }: { readonly learnerId: string | undefined; readonly accountId: string | undefined },
  principal: Parameters<typeof findPeople>[2],
  _fail: Fail<typeof SimulateContract>,
): Promise<SubjectReading | null> {
  if (learnerId === undefined) return null
  const people = await findPeople(journey.store, { learnerId, accountId }, principal)
  const key = track.subject === 'account' ? people.account : people.learner
  return key === null ? null : readJournal(journey, key, [track, ...track.pinned.values()])
}

function suggestion(name: string, known: readonly string[]): string {
  const [first] = nearest(name, known)
  return first === undefined ? '' : `; ${first} looks alike`
}

function backwards(at: number) {
  return {
    pointer: '/advanceTo',
    message: 'Time only passes forwards',
    expected: `a moment from ${toMoment(at)} on`,
    received: 'string',
  }
}

function toTime(moment: string): number {
  return Math.floor(Date.parse(moment))
}
