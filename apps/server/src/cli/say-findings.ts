import type { OutputOf } from '@waymark/contract'
import type { PublishTrackContract } from '@waymark/learning-journey'
import { say } from './print.ts'

/** Says what the lint of the server warns of. */
export function sayFindings({ trackId, findings }: Pick<OutputOf<typeof PublishTrackContract>, 'trackId' | 'findings'>): void {
  for (const { severity, pointer, message } of findings)
    if (severity === 'warning') say(`warning  ${trackId} ${pointer}: ${message}`)
}
