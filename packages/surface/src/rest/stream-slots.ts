import type { Principal } from '@waymark/contract'
import { type Refusal, refuse } from './wire-input.ts'

/** The places for open streams: so many for each credential, so many in all. */
export interface StreamSlots {
  /** Takes a place, which the function gives back; or says why there is none. */
  take(principal: Principal): (() => void) | Refusal
}

const RETRY_AFTER_SECONDS = 10

/** Surfaces that share one of these share the limits. 50 for each credential and 5,000 in all when absent. */
export function createStreamSlots(perCredential = 50, total = 5_000): StreamSlots {
  const open = new Map<string, number>()
  let all = 0
  return {
    take(principal) {
      const key = JSON.stringify([principal.tenant, principal.kind, 'id' in principal ? principal.id : ''])
      const own = open.get(key) ?? 0
      if (own >= perCredential) return full(`This credential has ${perCredential} streams open, and may have no more`)
      if (all >= total) return full(`The server has ${total} streams open, and takes no more`)
      open.set(key, own + 1)
      all += 1
      return () => {
        all -= 1
        const left = (open.get(key) ?? 1) - 1
        if (left === 0) open.delete(key)
        else open.set(key, left)
      }
    },
  }
}

function full(what: string): Refusal {
  return refuse('RATE_LIMITED', { detail: `${what}. Close one, or try again later.`, retryAfter: RETRY_AFTER_SECONDS })
}
