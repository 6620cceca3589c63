import { z } from 'zod'

export const NEAREST = z.array(z.string()).describe('Known names that look alike, nearest first.')

/** The error of every operation that names a track. */
export const TRACK_NOT_FOUND = {
  description: 'There is no such track',
  http: 404,
  gqlCode: 'TRACK_NOT_FOUND',
  when: 'The track id is unknown',
  data: z.object({ trackId: z.string(), nearest: NEAREST }),
} as const
