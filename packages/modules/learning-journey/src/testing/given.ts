/**
 * Time travel for tests of tracks: the engine that runs in production, without a server and without a clock. Nothing in here needs Node,
 * so the same tests run in a browser.
 */
import { type EventContract, type PayloadOf, validate } from '@waymark/contract'
import { DURATION, TIMEZONE, type TrackModel } from '../engine/index.ts'
import { isZone } from '../time/is-zone.ts'
import { createZoneCalendar } from '../time/zone-calendar.ts'
import { describeDifferences, type Expected } from './expected.ts'
import { type Played, type PlayedFact, play, type View } from './play.ts'

/** How an event is reported, where it matters. */
export interface Reported {
  /** A new id when absent; the same one again is a duplicate and changes nothing. */
  readonly id?: string
  /** ISO 8601; the present of the story when absent. */
  readonly at?: string
  readonly source?: string
  /** `client`: the learner's own app reports it. `import`: it is brought in, at whatever age. */
  readonly channel?: 'server' | 'client' | 'import'
}

/** A story of one subject, up to now. Immutable: every call tells on and returns the longer story. */
export interface Story {
  /** Moves the present to a moment (ISO 8601), which is not before it. */
  at(moment: string): Story
  /** Lets time pass: an ISO 8601 duration, days by the calendar of the subject. */
  advance(duration: string): Story
  /** A product event. Its payload has to be what the contract says. */
  event<E extends EventContract>(event: E, payload: PayloadOf<E>, reported?: Reported): Story
  /** The same without a contract. */
  event(event: string, payload?: Readonly<Record<string, unknown>>, reported?: Reported): Story
  /** What the subject is like from now on, e.g. `{ plan: 'pro', timezone: 'Asia/Tokyo' }`. */
  identify(traits: Readonly<Record<string, unknown>>): Story
  /** Starts a run of a track that enrols explicitly. */
  enroll(track?: string): Story
  skip(step: string, track?: string): Story
  waive(step: string, track?: string): Story
  revoke(step: string, track?: string): Story
  exit(track?: string): Story
  reset(track?: string): Story
  /** Compares the present with what it should be. @throws StoryError with every difference, and why each step is as it is. */
  expect(expected: Expected): Story
  /** What there is to see of a track now. */
  view(track?: string): View
  /** Everything that was announced, in order. */
  readonly facts: readonly PlayedFact[]
}

/** A story did not go as expected. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/** When a story begins that does not say so. */
const BEGINNING = '2026-01-01T09:00:00Z'

/**
 * Begins a story with one track, or with several that are served together.
 * @see docs/tutorial/first-track.md
 */
export function given(...tracks: readonly TrackModel[]): Story {
  if (tracks.length === 0) throw new StoryError('A story needs a track: given(track).')
  for (const { timezone } of tracks) checkZone(timezone)
  return story(play(tracks, createZoneCalendar(), momentOf(BEGINNING)))
}

function story(played: Played): Story {
  const track = (key: string | undefined) => {
    const [first] = played.tracks
    const found = key === undefined ? first : played.tracks.find((one) => one.key === key)
    if (found === undefined)
      throw new StoryError(`There is no track ${key} in this story; it has ${played.tracks.map((one) => one.key).join(', ')}.`)
    return found
  }
  const step = (name: string, key: string | undefined) => {
    const found = track(key)
    if (found.steps.some((one) => one.key === name)) return { trackId: found.key, stepId: name }
    throw new StoryError(`${found.key} has no step ${name}; it has ${found.steps.map((one) => one.key).join(', ')}.`)
  }
  const control = (name: string, payload: object) => story(played.control(`waymark.${name}`, payload))
  return {
    at: (moment) => story(played.at(momentOf(moment))),
    advance: (duration) => {
      if (!DURATION.test(duration))
        throw new StoryError(`Expected an ISO 8601 duration such as P3D or PT4H, received ${duration}.`)
      return story(played.advance(duration))
    },
    event: (event: EventContract | string, payload: unknown = {}, reported: Reported = {}) => {
      const named =
        typeof event === 'string' ? { name: event, version: '1.0.0' } : { name: event.meta.key, version: event.meta.version }
      if (typeof event !== 'string') check(event, payload)
      const at = reported.at === undefined ? undefined : momentOf(reported.at)
      return story(played.event({ ...named, payload, ...reported, at }))
    },
    identify: (traits) => {
      checkZone(traits[TIMEZONE])
      return control('identified', { traits })
    },
    enroll: (key) => control('enrolled', { trackId: track(key).key }),
    skip: (name, key) => control('skipped', step(name, key)),
    waive: (name, key) => control('waived', step(name, key)),
    revoke: (name, key) => control('revoked', step(name, key)),
    exit: (key) => control('exited', { trackId: track(key).key }),
    reset: (key) => control('reset', { trackId: track(key).key }),
    expect(expected) {
      const differences = describeDifferences(played.view(track(expected.track)), played, expected)
      if (differences.length > 0) throw new StoryError(differences.join('\n'))
      return story(played)
    },
    view: (key) => played.view(track(key)),
    facts: played.facts,
  }
}

function check(event: EventContract, payload: unknown): void {
  const result = validate(event.payload, payload)
  if ('then' in result) throw new StoryError(`The schema of ${event.meta.key} answers later; a story cannot wait for it.`)
  if (result.ok) return
  const issues = result.issues.map(
    ({ pointer, expected, received }) => `  ${pointer || '/'}: expected ${expected}, received ${received}`,
  )
  throw new StoryError(`The payload is not one of ${event.meta.key}.\n${issues.join('\n')}`)
}

function checkZone(zone: unknown): void {
  if (zone !== undefined && (typeof zone !== 'string' || !isZone(zone)))
    throw new StoryError(`Expected the name of an IANA time zone, e.g. Europe/Berlin, received ${JSON.stringify(zone)}.`)
}

function momentOf(text: string): number {
  const moment = Date.parse(text)
  if (Number.isNaN(moment)) throw new StoryError(`Expected a moment such as 2026-01-01T09:00:00Z, received ${text}.`)
  return moment
}
