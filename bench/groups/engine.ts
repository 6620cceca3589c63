import { composeRegistry, defineEvent, defineModule } from '@waymark/contract'
import {
  type CompiledTrack,
  compileTrack,
  decodeTrack,
  type Entry,
  emptyState,
  encodeTrack,
  type TrackModel,
  type TrackState,
} from '@waymark/learning-journey/engine'
import { z } from 'zod'
import { type Catalogue, createCatalogue } from '../../packages/modules/learning-journey/src/record/catalogue.ts'
import { feed } from '../feed.ts'
import { ALL_CONDITIONS, ALL_CONDITIONS_ENTRIES } from '../fixtures/all-conditions.ts'
import { CHECKLIST, CHECKLIST_ENTRIES, toEntry } from '../fixtures/checklist.ts'
import { FULL_SEMANTICS, FULL_SEMANTICS_ENTRIES } from '../fixtures/full-semantics.ts'
import { type Contender, interleave, nsPerPass, type Pass, ratioOf, type Samples, type Scale, summarize } from '../measure.ts'
import { runRules } from '../opponents/json-rules-checklist.ts'
import { runOnboarding } from '../opponents/onboardjs-checklist.ts'
import { runActor, runPure } from '../opponents/xstate-checklist.ts'
import { atMost, type Figure, type Row } from '../report.ts'

/** Match and advance on decoded state, beside engines that one could build on, and flat however much there is around it. */
export async function engine(scale: Scale): Promise<readonly Row[]> {
  return [
    ...(await checklist(scale)),
    ...(await allConditions(scale)),
    ...(await nthEvent(scale)),
    ...(await unrelatedTracks(scale)),
  ]
}

async function checklist(scale: Scale): Promise<Row[]> {
  const contenders = [
    perEvent('Waymark', CHECKLIST_ENTRIES.length, toPass(CHECKLIST, CHECKLIST_ENTRIES, 6), scale),
    perEvent('xstate, actor', CHECKLIST_ENTRIES.length, runActor, scale),
    perEvent('xstate, transition()', CHECKLIST_ENTRIES.length, runPure, scale),
    perEvent('@onboardjs/core', CHECKLIST_ENTRIES.length, runOnboarding, scale),
    perEvent('json-rules-engine', CHECKLIST_ENTRIES.length, runRules, scale),
  ]
  const samples = await interleave(contenders, scale)
  return contenders.map(({ name }) => row(`5-step checklist, ${name}`, samples, name, 'Waymark', 'to Waymark'))
}

async function allConditions(scale: Scale): Promise<Row[]> {
  const contenders = [
    perEvent('all conditions', ALL_CONDITIONS_ENTRIES.length, toPass(ALL_CONDITIONS, ALL_CONDITIONS_ENTRIES, 5), scale),
    perEvent('all semantics', FULL_SEMANTICS_ENTRIES.length, toPass(FULL_SEMANTICS, FULL_SEMANTICS_ENTRIES, 8), scale),
  ]
  const samples = await interleave(contenders, scale)
  return contenders.map(({ name }) => {
    const value = summarize(samples.get(name) as number[])
    return { what: `${name}, fresh learner`, unit: 'ns/event', value, figures: goals(value.median) }
  })
}

const LENGTHS = [1, 1_000, 100_000, 1_000_000]

/** The state after n − 1 events, then the n-th: on many copies, because one event is too short to be timed alone. */
async function nthEvent(scale: Scale): Promise<Row[]> {
  const track = compileTrack(ENDLESS)
  const state = emptyState(track)
  const copies = 512
  let folded = 0
  const contenders = LENGTHS.map((length): Contender => {
    for (; folded < length - 1; folded++) feed(track, state, endlessEntry(folded))
    const packed = encodeTrack(track, state)
    const entry = endlessEntry(length - 1)
    return {
      name: String(length),
      sample: () => {
        let spent = 0
        let events = 0
        while (spent < scale.sampleMs * 1e6) {
          const states = Array.from({ length: copies }, () => decodeTrack(track, packed))
          const start = process.hrtime.bigint()
          for (const state of states) feed(track, state, entry)
          spent += Number(process.hrtime.bigint() - start)
          events += copies
          if (states.some(({ tally }) => tally.counts[0] !== length)) throw new Error(`Event ${length} was not counted.`)
        }
        return spent / events
      },
    }
  })
  const samples = await interleave(contenders, scale)
  return LENGTHS.map((length) =>
    row(`event ${length.toLocaleString('en')} of a learner`, samples, String(length), '1', 'to the first'),
  )
}

const CROWDS = [1, 10, 100, 1_000]

/** Through the catalogue's index of names: tracks that do not listen are not looked at. */
async function unrelatedTracks(scale: Scale): Promise<Row[]> {
  const contenders = CROWDS.map((count) => {
    const catalogue = toCatalogue([CHECKLIST, ...Array.from({ length: count }, (_, index) => unrelated(index))])
    return perEvent(String(count), CHECKLIST_ENTRIES.length, () => runThrough(catalogue, CHECKLIST_ENTRIES), scale)
  })
  const samples = await interleave(contenders, scale)
  return CROWDS.map((count) =>
    row(`${count.toLocaleString('en')} unrelated tracks`, samples, String(count), '1', 'to one unrelated'),
  )
}

/** One listening track, all entries from a fresh learner on. */
function toPass(model: TrackModel, entries: readonly Entry[], completions: number): Pass {
  const track = compileTrack(model)
  return () => {
    const state = emptyState(track)
    let found = 0
    for (const entry of entries) found += feed(track, state, entry)
    return state.completedAt >= 0 && found === completions
  }
}

function runThrough(catalogue: Catalogue, entries: readonly Entry[]): boolean {
  const states = new Map<CompiledTrack, TrackState>()
  for (const entry of entries) {
    for (const track of catalogue.tracksOf(entry)) {
      let state = states.get(track)
      if (state === undefined) {
        state = emptyState(track)
        states.set(track, state)
      }
      feed(track, state, entry)
    }
  }
  const [state] = states.values()
  return states.size === 1 && state !== undefined && state.completedAt >= 0
}

/** Never completed, and every part of it counts every event. */
const ENDLESS: TrackModel = {
  format: 'waymark.track/1',
  key: 'endless',
  version: '1.0.0',
  steps: [
    {
      key: 'large',
      complete: { event: 'deal.created', where: { '/amount': { gte: 1_000 } }, atLeast: 1e9, consume: 'exclusive' },
    },
    { key: 'any', complete: { any: [{ event: 'deal.created', atLeast: 1e9 }, { event: 'deal.won' }] } },
    { key: 'later', after: { all: ['large'] }, complete: { event: 'deal.created', atLeast: 1e9, lookback: 'ever' } },
  ],
}

function endlessEntry(index: number): Entry {
  return toEntry('deal.created', { amount: 1_000 + index }, index)
}

function unrelated(index: number): TrackModel {
  const steps = CHECKLIST.steps.map(({ key }) => ({ key, complete: { event: `other-${index}.${key}` } }))
  return { format: 'waymark.track/1', key: `other-${index}`, version: '1.0.0', steps }
}

function toCatalogue(models: readonly TrackModel[]): Catalogue {
  const names = new Set(models.flatMap((model) => [...compileTrack(model).listeners.keys()]))
  const contracts = [...names].map((key) =>
    defineEvent({
      meta: { key, version: '1.0.0', stability: 'stable', owners: ['bench'], tags: [], description: `The event ${key}.` },
      payload: z.looseObject({ amount: z.number().optional() }),
      reportableBy: 'server',
    }),
  )
  return createCatalogue(models, composeRegistry(defineModule({ key: 'bench', contracts })))
}

function perEvent(name: string, events: number, pass: Pass, { sampleMs }: Scale): Contender {
  return { name, sample: async () => (await nsPerPass(pass, sampleMs)) / events }
}

function row(what: string, samples: Samples, name: string, base: string, of: string): Row {
  const own = samples.get(name) as readonly number[]
  const value = summarize(own)
  const ratio = { of, ...ratioOf(own, samples.get(base) as readonly number[]) }
  return { what, unit: 'ns/event', value, ratio, ...(name === 'Waymark' ? { figures: goals(value.median) } : {}) }
}

function goals(median: number): readonly Figure[] {
  return [atMost(500, 'ns', median), atMost(150, 'ns', median)]
}
