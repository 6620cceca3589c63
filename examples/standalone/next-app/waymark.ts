import { createWaymark, type Waymark } from 'waymark'
import { onboarding } from './onboarding.ts'

// Next loads a file once for each bundle, and again when it changes; a database has one owner.
const kept = globalThis as { waymark?: Promise<Waymark> }

/** Waymark, opened once for the process. */
export function waymark(): Promise<Waymark> {
  kept.waymark ??= createWaymark({ definitions: onboarding })
  return kept.waymark
}
