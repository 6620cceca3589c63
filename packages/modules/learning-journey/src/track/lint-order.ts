/**
 * Says whether what is shown of a track can depend on the order in which entries arrive. A track is order-free when one more entry, at
 * whatever moment, never takes back a completion: then every prefix of the journal shows a part of what the whole shows. It is about
 * product events, traits and enrolments; skip, waive, exit, reset and revoke act at the moment they are received. Where it is not certain,
 * it says that completions may stand.
 */
import type { Registry } from '@waymark/contract'
import type { ConditionModel, LeafModel, TrackModel } from '../engine/index.ts'
import { type Finding, info } from './finding.ts'
import { isNeverNegative } from './schema-fields.ts'
import { placedParts } from './visit-conditions.ts'

/** Something that can take a completion back, and where it is in the track. */
interface Cause {
  readonly pointer: string
  readonly why: string
}

/** Says whether a track is order-free, or lists what can make completions stand. */
export function lintOrder(track: TrackModel, registry: Registry): Finding {
  const causes = [...ofTrack(track), ...ofSteps(track), ...ofConditions(track, registry), ...ofExclusive(track)]
  const [first] = causes
  if (first === undefined)
    return info('ORDER_FREE', '', 'Order-free: what is shown never depends on the order in which events arrive.')
  const whys = [...new Set(causes.map(({ why }) => why))].map((why) => {
    const pointers = causes.filter((cause) => cause.why === why).map(({ pointer }) => pointer)
    return `${why} (${pointers.join(', ')})`
  })
  return info(
    'MAY_STAND',
    first.pointer,
    `Completions may stand: ${whys.join('; ')}. A late event can contradict a completion that was announced; it then stays, marked as standing.`,
  )
}

const DAYS = 'days are those of a zone, which can turn out to have been another'

function ofTrack({ audience, reentry, after, streak }: TrackModel): Cause[] {
  const causes: Cause[] = []
  if (audience !== undefined)
    causes.push({ pointer: '/audience', why: 'traits can turn out to have been others when the run started' })
  if (reentry !== undefined && reentry.mode !== 'never')
    causes.push({ pointer: '/reentry', why: 'what belongs to which run depends on when the one before ended' })
  if (after !== undefined) causes.push({ pointer: '/after', why: 'what another track announced can be taken back' })
  if (streak !== undefined) causes.push({ pointer: '/streak', why: 'the days of a streak count only until the run ends' })
  return causes
}

function ofSteps({ steps }: TrackModel): Cause[] {
  return steps.flatMap(({ opens, due, branches }, index) => {
    const step = `/steps/${index}`
    const causes: Cause[] = []
    if (due !== undefined) causes.push({ pointer: `${step}/due`, why: 'an earlier start makes it due earlier' })
    if (opens !== undefined && ('onDay' in opens || hasDays(opens.after))) causes.push({ pointer: `${step}/opens`, why: DAYS })
    if (branches !== undefined) causes.push({ pointer: `${step}/branches`, why: 'the way on is chosen at one moment' })
    return causes
  })
}

function hasDays(duration: string): boolean {
  return /[WD]/.test(duration)
}

function ofConditions({ steps }: TrackModel, registry: Registry): Cause[] {
  const causes: Cause[] = []
  const visit = (condition: ConditionModel, pointer: string) => {
    if ('trait' in condition) causes.push({ pointer, why: 'traits can turn out to have been others at that moment' })
    else if (condition.correlate !== undefined)
      causes.push({ pointer: `${pointer}/correlate`, why: 'only the first hundred groups are followed' })
    if ('event' in condition) {
      const { window, sum } = condition
      if (window !== undefined && 'since' in window)
        causes.push({ pointer: `${pointer}/window`, why: 'an earlier start closes the window earlier' })
      if (window !== undefined && 'sliding' in window && hasDays(window.sliding))
        causes.push({ pointer: `${pointer}/window`, why: DAYS })
      if (sum !== undefined && !isNeverNegativeSum(condition, sum.of, registry))
        causes.push({ pointer: `${pointer}/sum`, why: 'a sum that can also fall depends on what came first' })
    }
    for (const [part, place] of placedParts(condition, pointer)) visit(part, place)
  }
  // What decides a branch is no completion, and its step is a cause already.
  for (const [index, { complete }] of steps.entries()) visit(complete, `/steps/${index}/complete`)
  return causes
}

/** True when the contracts of the event, or the leaf itself, leave no number below zero. */
function isNeverNegativeSum({ event, version, where }: LeafModel, field: string, registry: Registry): boolean {
  const wanted = where?.[field]
  if (typeof wanted === 'number') return wanted >= 0
  if (typeof wanted === 'object' && wanted !== null) {
    const { gt, gte } = wanted
    if ((typeof gt === 'number' && gt >= 0) || (typeof gte === 'number' && gte >= 0)) return true
  }
  const isMeant = (full: string) => version === undefined || full === version || full.startsWith(`${version}.`)
  const entries = registry.events.filter((entry) => entry.event.meta.key === event && isMeant(entry.event.meta.version))
  return entries.length > 0 && entries.every(({ payloadSchema }) => isNeverNegative(payloadSchema, field))
}

/** Only counting is order-free: an exclusive leaf beside something that looks at the order can announce what a late entry takes back. */
function ofExclusive({ enrol, steps }: TrackModel): Cause[] {
  const ordered: string[] = []
  const exclusive: string[] = []
  // An earlier start then turns entries that only `ever` could count into entries for everyone.
  const startsLater = enrol !== undefined && enrol.mode !== 'onFirstMatch'
  const visit = (condition: ConditionModel, pointer: string) => {
    if ('sequence' in condition) ordered.push(pointer)
    if ('event' in condition) {
      if (condition.consume === 'exclusive') exclusive.push(pointer)
      if (condition.lookback === 'afterUnlock' || (condition.lookback === 'ever' && startsLater)) ordered.push(pointer)
    }
    for (const [part, place] of placedParts(condition, pointer)) visit(part, place)
  }
  for (const [index, { complete }] of steps.entries()) visit(complete, `/steps/${index}/complete`)
  if (exclusive.length < 2 || ordered.length === 0) return []
  const why = `exclusive conditions beside conditions that look at the order (${ordered.join(', ')})`
  return exclusive.map((pointer) => ({ pointer, why }))
}
