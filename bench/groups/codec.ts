import {
  type CompiledTrack,
  compileTrack,
  emptyState,
  foldSubject,
  SubjectRow,
  type TrackState,
  utcCalendar,
} from '@waymark/learning-journey/engine'
import { feed } from '../feed.ts'
import { ALL_CONDITIONS, ALL_CONDITIONS_ENTRIES } from '../fixtures/all-conditions.ts'
import { CHECKLIST, CHECKLIST_ENTRIES, toEntry } from '../fixtures/checklist.ts'
import { CRM_TRACK } from '../fixtures/crm.ts'
import { type Contender, interleave, nsPerPass, type Pass, ratioOf, type Scale, single, summarize } from '../measure.ts'
import { atMost, type Row } from '../report.ts'

const TRACKS = [CHECKLIST, ALL_CONDITIONS, CRM_TRACK].map((model) => compileTrack(model))
const TOUCHED = TRACKS[2] as CompiledTrack
const ENTRY = toEntry('contact.imported', { company: 'Umbrella' }, 100)
/** The leaf that counts it, and how many there are then. */
const LEAF = 1
const COUNT = 2

/** One event into a learner's stored row of three tracks: read it, advance one track, write it. */
export async function codec(scale: Scale): Promise<readonly Row[]> {
  const states = new Map(TRACKS.map((track) => [track, midway(track)]))
  const packed = pack(states)
  const text = JSON.stringify(Object.fromEntries([...states].map(([track, state]) => [track.key, state])))
  const contenders = [
    toContender('packed row', () => viaRow(packed), scale),
    toContender('the whole fold', () => viaFold(packed), scale),
    toContender('the same as JSON', () => viaJson(text), scale),
  ]
  const samples = await interleave(contenders, scale)
  const base = samples.get('packed row') as readonly number[]
  const rows = contenders.map(({ name }): Row => {
    const own = samples.get(name) as readonly number[]
    const value = summarize(own)
    const figures = name === 'packed row' ? { figures: [atMost(3, 'µs', value.median)] } : {}
    return {
      what: `decode + advance + encode, ${name}`,
      unit: 'µs',
      value,
      ratio: { of: 'to packed row', ...ratioOf(own, base) },
      ...figures,
    }
  })
  return [...rows, bytes('packed row of 3 tracks', packed.length), bytes('the same as JSON', Buffer.byteLength(text))]
}

function viaRow(packed: Uint8Array): boolean {
  const row = new SubjectRow(packed)
  const known = row.get(TOUCHED)
  if (known === null) return false
  feed(TOUCHED, known.state, ENTRY)
  row.set(TOUCHED, known.state)
  return known.state.tally.counts[LEAF] === COUNT && row.encode().length >= packed.length
}

const TOUCHED_ONLY = [TOUCHED]

function viaFold(packed: Uint8Array): boolean {
  const { row } = foldSubject({
    row: packed,
    hasHistory: true,
    entries: [ENTRY],
    tracksOf: () => TOUCHED_ONLY,
    trackOf: () => TOUCHED,
    now: ENTRY.receivedAt,
    calendar: utcCalendar,
    trace: false,
  })
  return row !== null && row.length >= packed.length
}

function viaJson(text: string): boolean {
  const states = JSON.parse(text)
  feed(TOUCHED, states[TOUCHED.key], ENTRY)
  return states[TOUCHED.key].tally.counts[LEAF] === COUNT && JSON.stringify(states).length >= text.length
}

/** Where a learner stands in the middle of a track. */
function midway(track: CompiledTrack): TrackState {
  const state = emptyState(track)
  for (const entry of HISTORY.get(track.key) ?? []) feed(track, state, entry)
  if (state.startedAt < 0 || state.completedAt >= 0) throw new Error(`The learner is not in the middle of ${track.key}.`)
  return state
}

const HISTORY = new Map([
  [CHECKLIST.key, CHECKLIST_ENTRIES.slice(0, 4)],
  [ALL_CONDITIONS.key, ALL_CONDITIONS_ENTRIES.slice(0, 9)],
  [
    CRM_TRACK.key,
    [
      toEntry('contact.imported', { company: 'Acme' }, 1),
      toEntry('pipeline.created', {}, 2),
      toEntry('deal.created', { amount: 2_000, pipelineId: 'inbound' }, 3),
      toEntry('email.sent', {}, 4),
    ],
  ],
])

function pack(states: ReadonlyMap<CompiledTrack, TrackState>): Uint8Array {
  const row = new SubjectRow(null)
  for (const [track, state] of states) row.set(track, state)
  return row.encode()
}

function toContender(name: string, pass: Pass, { sampleMs }: Scale): Contender {
  return { name, sample: async () => (await nsPerPass(pass, sampleMs)) / 1000 }
}

function bytes(what: string, length: number): Row {
  return { what, unit: 'bytes', value: single(length) }
}
