import type { Catalogue } from '../record/catalogue.ts'
import { nearest } from '../track/nearest.ts'

/** What `TRACK_NOT_FOUND` says, whichever operation says it. */
export function trackNotFound({ tracks }: Catalogue, trackId: string) {
  const keys = tracks.map(({ key }) => key)
  return { detail: `There is no track ${trackId}.`, data: { trackId, nearest: nearest(trackId, keys) } }
}
