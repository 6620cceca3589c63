import { EXITED, isRunning, RESET, SubjectRow } from '../engine/index.ts'
import type { SubjectKey } from '../ports/index.ts'
import { controlEntry, type Prepared } from './assess.ts'
import type { Catalogue } from './catalogue.ts'
import { isAbout } from './entry-row.ts'

/** The channel of what publishing writes. */
export const PUBLISH = 'publish'

/**
 * The control entries that publishing with `restart` or `exit` still owes a subject: each ends the run that was open then. They are the same
 * whoever writes them, so the backfill and the next event of the subject can both do it.
 * @param row the packed state of the subject.
 */
export function owedEntries(
  { endings }: Pick<Catalogue, 'endings'>,
  { tenant, subject }: SubjectKey,
  row: Uint8Array | null,
  hash: (text: string) => string,
): readonly Prepared[] {
  if (endings.length === 0 || row === null) return NONE
  const states = new SubjectRow(row)
  return endings.flatMap(({ track, policy, publishedAt }) => {
    const generation = states.generationOf(track.key)
    if (generation === undefined || generation === track.generation || !isAbout(track, subject)) return NONE
    const state = states.get(track)?.state
    if (state === undefined || !isRunning(state) || state.startedAt >= publishedAt) return NONE
    const control = {
      name: policy === 'restart' ? RESET : EXITED,
      subject,
      track: track.key,
      eventId: `published:${hash([track.key, track.version, publishedAt].join('\0'))}`,
      occurredAt: publishedAt,
      claimedAt: null,
      payload: { trackId: track.key, reason: `published ${track.version}` },
    }
    return [controlEntry(control, { principal: { kind: 'anonymous', tenant }, channel: PUBLISH, receivedAt: publishedAt }, hash)]
  })
}

const NONE: readonly Prepared[] = []
