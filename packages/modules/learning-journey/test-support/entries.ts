import { type CompiledTrack, compileTrack } from '../src/engine/compile.ts'
import { ENROLLED, type Entry } from '../src/engine/entry.ts'
import type { TrackModel } from '../src/engine/model.ts'
import { parseTrack } from '../src/track/definition.ts'

/** Noon of the first day; entries count seconds from here. */
export const START = Date.parse('2026-03-01T12:00:00Z')

type StepInput = { readonly key?: string; readonly complete: unknown; readonly [field: string]: unknown }

/** A track out of steps, or of one condition. */
export function track(steps: readonly StepInput[] | object, rest: Record<string, unknown> = {}): TrackModel {
  const list = (Array.isArray(steps) ? steps : [{ complete: steps }]) as readonly StepInput[]
  const named = list.map((step, index) => ({ key: `s${index + 1}`, ...step }))
  const parsed = parseTrack({ format: 'waymark.track/1', key: 'track', version: '1.0.0', steps: named, ...rest })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.track
}

export function compiled(steps: readonly StepInput[] | object, rest: Record<string, unknown> = {}): CompiledTrack {
  return compileTrack(track(steps, rest))
}

/** A product event, reported by a server the moment it happened: `second` seconds after the start, under an id of that second. */
export function event(name: string, second: number, payload: unknown = {}, rest: Partial<Entry> = {}): Entry {
  const occurredAt = rest.occurredAt ?? START + second * 1_000
  return {
    kind: 'event',
    source: '',
    eventId: `${name}-${second}`,
    name,
    version: '1.0.0',
    occurredAt,
    receivedAt: occurredAt,
    channel: 'rest',
    track: null,
    payload,
    ...rest,
  }
}

/** The control entry that starts a run of a track. */
export function enrolment(second: number, trackId = 'track'): Entry {
  return { ...event(ENROLLED, second, { trackId }), kind: 'control', source: 'waymark', version: '', track: trackId }
}

/** A control entry of the track `track`, so many seconds after START. */
export function control(name: string, second: number, payload: object = {}): Entry {
  return {
    ...event(`waymark.${name}`, second, { trackId: 'track', ...payload }),
    kind: 'control',
    source: 'waymark',
    version: '',
  }
}
