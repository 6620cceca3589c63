import type { TrackStatusRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { record, trackVersion } from './rows.ts'

function trackStatus(values: Partial<TrackStatusRow> = {}): TrackStatusRow {
  return { key: 'first-win', status: 'active', version: '1.0.0', policy: 'carry', generation: 1, changedAt: 5, ...values }
}

export function trackStatusCases({ open }: Harness): void {
  it('returns the status of every track, the last one that was put', async () => {
    const store = await open()
    expect(await store.readTrackStatus()).toEqual([])
    const changed = trackStatus({ status: 'paused', version: '2.0.0', policy: 'pin', generation: 2 ** 40, changedAt: 9 })
    const second = trackStatus({ key: 'a-second', status: 'archived', policy: 'exit' })
    for (const row of [trackStatus(), changed, second]) await store.putTrackStatus(row)
    expect(await store.readTrackStatus()).toEqual([second, changed])
  })

  it('gives another revision with every version and every status of a track, and with nothing else', async () => {
    const store = await open()
    const seen = [await store.readRevision()]
    await store.putTrackVersion(trackVersion())
    seen.push(await store.readRevision())
    await store.putTrackStatus(trackStatus())
    seen.push(await store.readRevision())
    expect(seen[1]).toBeGreaterThan(seen[0] as number)
    expect(seen[2]).toBeGreaterThan(seen[1] as number)
    await store.merge({ tenant: 'acme', from: 'l:anon', into: 'l:ada', mergedAt: 1 })
    expect((await record(store, [])).revision).toBe(seen[2])
  })
}
