import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { trackVersion } from './rows.ts'

export function trackVersionCases({ open }: Harness): void {
  it('returns all versions, oldest first, the definition as it was published', async () => {
    const store = await open()
    const older = trackVersion({ version: '2.0.0', publishedAt: 1, definition: '{"b":1,"a":1.0}' })
    const newer = trackVersion({ publishedAt: 2 })
    const own = trackVersion({ tenant: 'acme', publishedAt: 3 })
    for (const row of [own, newer, older]) await store.putTrackVersion(row)
    expect(await store.readTrackVersions()).toEqual([older, newer, own])
  })

  it('replaces the content of a version that is there', async () => {
    const store = await open()
    await store.putTrackVersion(trackVersion())
    const edited = trackVersion({ contentHash: 'c2', definition: '{}', publishedAt: 2_000 })
    await store.putTrackVersion(edited)
    expect(await store.readTrackVersions()).toEqual([edited])
  })
}
