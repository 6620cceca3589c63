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

  it('keeps every content of a version, the one that was published last at the end', async () => {
    const store = await open()
    const first = trackVersion({ publishedAt: 1_000 })
    const edited = trackVersion({ contentHash: 'c2', definition: '{}', publishedAt: 2_000 })
    for (const row of [first, edited]) await store.putTrackVersion(row)
    expect(await store.readTrackVersions()).toEqual([first, edited])
    const back = { ...first, publishedAt: 3_000 }
    await store.putTrackVersion(back)
    expect(await store.readTrackVersions()).toEqual([edited, back])
  })
}
