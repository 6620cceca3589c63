import { z } from 'zod'
import { DURATION } from '../engine/index.ts'

const LONGEST = 32
const ELAPSED = /^PT(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?$/

/** A duration in which days can be those of a calendar. */
export const Duration = z.string().max(LONGEST).regex(DURATION, 'Expected an ISO 8601 duration such as PT168H or P7D')

/** A duration that is the same in every zone. */
export const ElapsedDuration = z
  .string()
  .max(LONGEST)
  .regex(ELAPSED, 'Expected an ISO 8601 duration of hours, minutes and seconds, such as PT24H')
