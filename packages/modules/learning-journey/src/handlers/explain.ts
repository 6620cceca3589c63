import type { Handler, Principal } from '@waymark/contract'
import type { ExplainContract } from '../contracts/explain.ts'
import {
  type CompiledTrack,
  definitionOf,
  type Entry,
  type EntryOutcome,
  emptyState,
  explainAudience,
  explainStep,
  gateOf,
  isEnrolled,
  isHeldOut,
  type TrackState,
  verdictsOfAll,
} from '../engine/index.ts'
import { foldHypothesis } from '../explain/hypothetical.ts'
import { idleReason, missingOf } from '../explain/missing.ts'
import { type NearMiss, nearMisses } from '../explain/near-misses.ts'
import { outcomesOf, readJournal, type SubjectReading, traitsAt } from '../explain/subject-reading.ts'
import { suppose } from '../explain/suppose.ts'
import type { EntryRow, SubjectKey } from '../ports/index.ts'
import { mayName } from '../record/account-access.ts'
import { accountSubject, isAbout, toEntry } from '../record/entry-row.ts'
import { findPeople, type People } from '../record/people.ts'
import { stepStatusOf, trackStatusOf } from '../record/status.ts'
import { nearest } from '../track/nearest.ts'
import { toDetail } from './detail.ts'
import { type Journey, toMoment, toMomentOrNull } from './journey.ts'
import { toOutcome } from './outcomes.ts'
import { trackNotFound } from './track-not-found.ts'

/** `learning.onboarding.explain`: computed from the journal, so it needs nothing that was stored for it, and stores nothing. */
export function explain(journey: Journey): Handler<typeof ExplainContract> {
  const { catalogue, store } = journey
  return async ({ input, principal, call, fail }) => {
    const { learnerId, trackId, stepId } = input
    const named = trackId === undefined ? undefined : catalogue.track(trackId)
    if (trackId !== undefined && named === undefined) throw fail.TRACK_NOT_FOUND(trackNotFound(catalogue, trackId))
    const people = await findPeople(store, input, principal)
    const candidates = named === undefined ? catalogue.tracks : [named]
    const meant = stepId === undefined ? candidates : candidates.filter((track) => stepsOf(track).includes(stepId))
    if (stepId !== undefined && meant.length === 0) {
      const known = candidates.flatMap(stepsOf)
      const detail = `There is no step ${stepId}${trackId === undefined ? '' : ` in ${trackId}`}.`
      throw fail.STEP_NOT_FOUND({ detail, data: { sought: stepId, nearest: nearest(stepId, known) } })
    }
    const inquiry: Inquiry = { journey, people, tracks: meant, isNamed: named !== undefined, stepId, principal }
    if (input.eventId !== undefined) {
      const found = await store.readEntry(people.learner, input.eventId, input.sourceModule)
      if (found === null) throw fail.EVENT_NOT_FOUND({ detail: `${learnerId} has no recorded event ${input.eventId}.` })
      return explainRecorded(inquiry, found)
    }
    if (input.event === undefined) return explainSteps(inquiry)
    const { eventName } = input.event
    const unheard = () => {
      const where = [stepId, trackId].filter((key) => key !== undefined).join(' of ')
      const detail = `No step${where === '' ? '' : `, of ${where},`} listens to ${eventName}.`
      return fail.STEP_NOT_FOUND({ detail, data: { sought: eventName, nearest: nearest(eventName, catalogue.eventNames) } })
    }
    const event = { ...input.event, learnerId, accountId: input.accountId }
    const supposed = { principal, channel: call.channel, receivedAt: journey.now(), pointer: '/event' }
    const row = await suppose(journey, event, supposed, { ...fail, unknown: unheard })
    if (!meant.some((track) => definitionsOf(track).some(({ listeners }) => listeners.has(eventName)))) throw unheard()
    return explainSupposed(inquiry, row)
  }
}

/** The definition that is served, and those that runs are pinned to. */
function definitionsOf(track: CompiledTrack): readonly CompiledTrack[] {
  return [track, ...track.pinned.values()]
}

function stepsOf(track: CompiledTrack): string[] {
  return [...new Set(definitionsOf(track).flatMap(({ steps }) => steps.map(({ key }) => key)))]
}

interface Inquiry {
  readonly journey: Journey
  readonly people: People
  readonly tracks: readonly CompiledTrack[]
  /** Whether one track was asked for, so that it is told of even where nobody is enrolled. */
  readonly isNamed: boolean
  readonly stepId: string | undefined
  readonly principal: Exclude<Principal, { kind: 'invalid' }>
}

/** A subject, and the tracks that are about it. */
interface Side {
  readonly reading: SubjectReading
  readonly tracks: readonly CompiledTrack[]
}

/** The learner and the account, each with their tracks. Those who are held out do not learn of it. */
async function sidesOf({ journey, tracks, principal }: Inquiry, keys: readonly (SubjectKey | null)[]): Promise<Side[]> {
  const sides = keys.map(async (key) => {
    if (key === null) return []
    const own = tracks.filter(
      (track) => isAbout(track, key.subject) && !(principal.kind === 'learner' && isHeldOut(track, key.subject)),
    )
    if (own.length === 0) return []
    const reading = await readJournal(journey, key, own.flatMap(definitionsOf))
    return [{ reading, tracks: own.map((track) => definitionOf(track, reading.states)) }]
  })
  return (await Promise.all(sides)).flat()
}

async function explainSteps(inquiry: Inquiry) {
  const { journey, people, isNamed, stepId } = inquiry
  const { catalogue, calendar, now } = journey
  const steps = []
  const told: Told[] = []
  for (const { reading, tracks } of await sidesOf(inquiry, [people.learner, people.account])) {
    for (const track of tracks) {
      const state = stateOf(reading, track)
      if (!isNamed && stepId === undefined && !isEnrolled(state)) continue
      told.push({ reading, track })
      const traits = traitsAt(reading, track, now())
      const gateAt = gateOf(track, reading.states, { trackOf: catalogue.track })
      const idle = idleReason(track, state, catalogue.running(track.key) === undefined, gateAt)
      for (const step of track.steps) {
        if (stepId !== undefined && step.key !== stepId) continue
        const status = stepStatusOf(track, state, step.index)
        const detail = toDetail(explainStep(track, state, step.index, { entry: null, traits, calendar }))
        const isOpen = status === 'open' || status === 'locked' || status === 'missed'
        const misses = stepId === undefined || !isOpen ? [] : await nearMisses(journey, reading, track, step, isVisible(inquiry))
        steps.push({
          trackId: track.key,
          stepId: step.key,
          status,
          standing: state.standing.some((mark) => mark.step === step.index),
          detail,
          missing: missingOf(status, detail, idle),
          nearMisses: misses.map(toNearMiss),
        })
      }
    }
  }
  return { event: null, outcomes: [], steps, tracks: told.map((one) => toTrack(journey, one)) }
}

/** In the journal of an account a learner finds only what is their own. */
function isVisible({ principal, people }: Inquiry): (subject: string) => boolean {
  return (subject) => principal.kind !== 'learner' || subject === people.learner.subject
}

async function explainRecorded(inquiry: Inquiry, row: EntryRow) {
  const { journey, people, principal } = inquiry
  const made = row.account === null ? null : { tenant: row.tenant, subject: accountSubject(row.account) }
  // Of an account that is none of the learner's (any more), nothing is shown.
  const isOpen = row.account === null || mayName(principal, row.account) || made?.subject === people.account?.subject
  const account = isOpen ? made : null
  return explainEvent(inquiry, row, row.eventId, [people.learner, account], async (side, entry) => {
    const outcomes = side.tracks.map((track) =>
      row.payload === null ? expiredOutcomes(side, track, entry) : outcomesOf(journey, side.reading, track, [entry]),
    )
    return (await Promise.all(outcomes)).flat()
  })
}

async function explainSupposed(inquiry: Inquiry, row: EntryRow) {
  const { journey, people } = inquiry
  const { catalogue, now } = journey
  return explainEvent(inquiry, row, null, [people.learner, people.account], async ({ reading, tracks }, entry) => {
    const running = tracks.filter(({ key }) => catalogue.running(key) !== undefined)
    const paused = tracks.filter((track) => !running.includes(track))
    const supposed = { row: reading.bytes, reading, supposed: [], entries: [entry], tracks: running, now: now() }
    const { outcomes } = await foldHypothesis(journey, supposed)
    return [...outcomes, ...paused.flatMap((track) => sameOutcomes({ reading, tracks }, track, entry, 'paused'))]
  })
}

async function explainEvent(
  inquiry: Inquiry,
  row: EntryRow,
  eventId: string | null,
  keys: readonly (SubjectKey | null)[],
  judge: (side: Side, entry: Entry) => Promise<readonly EntryOutcome[]>,
) {
  const { journey, stepId } = inquiry
  const outcomes = []
  const told: Told[] = []
  for (const side of await sidesOf(inquiry, keys)) {
    const { reading } = side
    const entry = toEntry(row, undefined, reading.key.subject)
    for (const outcome of await judge(side, entry)) {
      const { track, step } = outcome
      if (stepId !== undefined && track.steps[step]?.key !== stepId) continue
      outcomes.push(toOutcome(outcome, entry, journey.calendar, traitsAt(reading, track, row.occurredAt)))
      if (!told.some((one) => one.track === track)) told.push({ reading, track })
    }
  }
  return { event: toEvent(row, eventId), outcomes, steps: [], tracks: told.map((one) => toTrack(journey, one)) }
}

/** An event that has expired says no more than its name. */
function expiredOutcomes(side: Side, track: CompiledTrack, entry: Entry): EntryOutcome[] {
  return sameOutcomes(side, track, entry, 'evidence_expired')
}

function sameOutcomes(
  { reading }: Side,
  track: CompiledTrack,
  entry: Entry,
  reason: 'evidence_expired' | 'paused',
): EntryOutcome[] {
  if (entry.track !== null && entry.track !== track.key) return []
  const state = stateOf(reading, track)
  return verdictsOfAll(track, entry, reason).map((verdict) => ({ ...verdict, entry: -1, track, state }))
}

function stateOf({ states }: SubjectReading, track: CompiledTrack): TrackState {
  return states.get(track)?.state ?? emptyState(track)
}

interface Told {
  readonly reading: SubjectReading
  readonly track: CompiledTrack
}

/** What is to be known of a track beside its steps. */
function toTrack({ catalogue, now }: Journey, { reading, track }: Told) {
  const { key } = reading
  const state = stateOf(reading, track)
  const isCompleted = (trackId: string) => {
    const other = catalogue.track(trackId)
    return other !== undefined && stateOf(reading, other).firstCompletedAt >= 0
  }
  return {
    trackId: track.key,
    version: track.version,
    subject: track.subject,
    status: trackStatusOf(state),
    enrolment: track.mode,
    startedAt: toMomentOrNull(state.startedAt),
    endedAt: toMomentOrNull(state.endedAt),
    paused: catalogue.running(track.key) === undefined,
    heldOut: isHeldOut(track, key.subject),
    audience: explainAudience(track, state, traitsAt(reading, track, now())),
    after:
      track.after.length === 0
        ? null
        : { any: track.afterAny, tracks: track.after.map((trackId) => ({ trackId, met: isCompleted(trackId) })) },
  }
}

function toEvent(row: EntryRow, eventId: string | null) {
  return {
    eventId,
    sourceModule: row.source === '' ? null : row.source,
    eventName: row.name,
    eventVersion: row.version,
    occurredAt: toMoment(row.occurredAt),
    receivedAt: toMoment(row.receivedAt),
    claimedAt: toMomentOrNull(row.claimedAt),
    channel: row.channel,
  }
}

function toNearMiss({ entry, reason, check }: NearMiss) {
  return {
    eventId: entry.eventId,
    sourceModule: entry.source === '' ? null : entry.source,
    eventName: entry.name,
    occurredAt: toMoment(entry.occurredAt),
    reason,
    check,
  }
}
