import { compileTrack, type Entry } from '@waymark/learning-journey/engine'
import { expect, it } from 'vitest'
import { Replay } from './replay.ts'

const EVERY = 1_000
const BATCH = 100
const LENGTH = 30_000
/** How many places an entry can come late. */
const LATE = 700

/** Looks at the order, so that next to nothing can be taken without a rebuild. */
const TRACK = compileTrack({
  format: 'waymark.track/1',
  key: 'endless',
  version: '1.0.0',
  steps: [
    {
      key: 'order',
      complete: { sequence: [{ event: 'a', atLeast: 1_000 }, { event: 'b' }] },
    },
    { key: 'either', complete: { all: [{ sequence: [{ event: 'a' }, { event: 'a', atLeast: 1_000 }] }] } },
  ],
})

function entry(second: number): Entry {
  const occurredAt = 1_770_000_000_000 + second * 1_000
  const common = { kind: 'event', source: '', name: 'a', version: '1.0.0', channel: 'rest', track: null, payload: {} } as const
  return { ...common, eventId: `e${second}`, occurredAt, receivedAt: occurredAt }
}

/** The numbers from 0 on, each up to `LATE` places away from its own: the same ones in every run. */
function shuffled(): number[] {
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  return Array.from({ length: LENGTH }, (_, n) => ({ n, place: n + random() * LATE }))
    .sort((a, b) => a.place - b.place)
    .map(({ n }) => n)
}

it('a batch rebuilds a track at most once, and reads no more than the way from the checkpoint before its oldest entry', () => {
  const replay = new Replay(TRACK, EVERY)
  const order = shuffled()
  const reads: number[] = []
  let newest = 0
  for (let start = 0; start < LENGTH; start += BATCH) {
    const batch = order.slice(start, start + BATCH)
    const { read, rebuilds } = replay
    replay.arrive(...batch.map(entry))
    newest = Math.max(newest, ...batch)
    expect(replay.rebuilds - rebuilds).toBeLessThanOrEqual(1)
    expect(replay.read - read).toBeLessThanOrEqual(EVERY + newest - Math.min(...batch) + 1)
    reads.push(replay.read - read)
  }
  expect(replay.rebuilds).toBeGreaterThan((LENGTH / BATCH) * 0.9)
  expect(replay.state).toMatchObject({ folded: LENGTH, tally: { counts: [1_000, 0, 1, 1_000] } })
  const sum = (from: number, to: number) => reads.slice(from, to).reduce((total, count) => total + count, 0)
  // The last third of the journal costs what the second cost.
  expect(sum(200, 300)).toBeLessThan(sum(100, 200) * 1.1)
})
