import { z } from 'zod'
import { DURATION } from '../engine/index.ts'

const ELAPSED = /^PT(?=\d)(?:\d{1,6}H)?(?:\d{1,8}M)?(?:\d{1,10}S)?$/

/** A duration in which days can be those of a calendar. */
export const Duration = z.string().regex(DURATION, 'Expected an ISO 8601 duration such as PT168H or P7D')

/** A duration that is the same in every zone. */
export const ElapsedDuration = z
  .string()
  .regex(ELAPSED, 'Expected an ISO 8601 duration of hours, minutes and seconds, such as PT24H')
