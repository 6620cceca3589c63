import type { EventEntry, Registry } from '@waymark/contract'
import {
  type ConditionModel,
  DEFAULT_LATENESS,
  type LeafModel,
  type MatchModel,
  parseDuration,
  type TrackModel,
} from '../engine/index.ts'
import { error, type Finding, hint, warning } from './finding.ts'
import { lintOperands, personalOf } from './lint-operands.ts'
import { fieldNames, fieldSchemas, fieldTypes } from './schema-fields.ts'
import { pointerTo } from './typed-where.ts'
import { conditionsOf, eachLeaf, eachNode } from './visit-conditions.ts'

/** Checks what a track wants of events against their contracts. */
export function lintEvents(track: TrackModel, registry: Registry): Finding[] {
  const findings: Finding[] = []
  const lateness = track.lateness ?? DEFAULT_LATENESS
  const check = (match: MatchModel, pointer: string) => findings.push(...lintMatch(match, pointer, registry, lateness))
  if (track.enrol?.mode === 'onEvent') check(track.enrol, '/enrol')
  if (track.streak !== undefined) {
    check(track.streak.on, '/streak/on')
    if (registry.event(track.streak.on.event) === undefined && (track.streak.xp ?? 0) > 0)
      findings.push(
        warning(
          'REWARD_UNREACHABLE',
          '/streak/xp',
          `Nobody can earn the xp of the streak: there is no event ${track.streak.on.event}.`,
        ),
      )
  }
  findings.push(...lintRunKey(track, registry))
  for (const [condition, pointer] of conditionsOf(track)) {
    eachNode(condition, pointer, (node, place) => {
      if ('event' in node) {
        check(node, place)
        findings.push(...lintCounted(node, place, registry))
      }
      findings.push(...lintCorrelate(node, place, registry))
    })
  }
  return findings
}

function lintMatch(match: MatchModel, pointer: string, registry: Registry, lateness: string): Finding[] {
  const latest = registry.event(match.event)
  if (latest === undefined) {
    const names = [...new Set(registry.events.map(({ event }) => event.meta.key))]
    return [error('EVENT_UNKNOWN', `${pointer}/event`, `No module declares the event ${match.event}.${hint(match.event, names)}`)]
  }
  const entry = registry.event(match.event, match.version)
  if (entry === undefined)
    return [error('VERSION_UNKNOWN', `${pointer}/version`, `The event ${match.event} has no version ${match.version}.`)]
  const findings: Finding[] = []
  const { retention } = latest.event
  if (retention !== null && (parseDuration(retention) ?? 0) < (parseDuration(lateness) ?? 0)) {
    findings.push(
      error(
        'RETENTION_SHORT',
        `${pointer}/event`,
        `${match.event} is kept for ${retention}, and the track takes events that come up to ${lateness} late: what they have to be seen with would be gone. Raise the retention of the event to ${lateness} or more, or lower the lateness of the track.`,
      ),
    )
  }
  if (match.trust === 'client' && entry.event.reportableBy !== 'client') {
    findings.push(
      warning(
        'TRUST_NOT_REPORTABLE',
        `${pointer}/trust`,
        `${entry.id} is not reportable by clients, so trusting them changes nothing. Set reportableBy: 'client' on the event, or remove trust.`,
      ),
    )
  }
  for (const [field, wanted] of Object.entries(match.where ?? {})) {
    const place = `${pointer}/where${pointerTo(field)}`
    findings.push(...lintField(entry, field, place), ...lintOperands(entry.payloadSchema, field, wanted, place))
  }
  return findings
}

/** What a leaf looks at beside `where`, to count or add up. */
function lintCounted({ event, version, distinctBy, sum }: LeafModel, pointer: string, registry: Registry): Finding[] {
  const entry = registry.event(event, version)
  if (entry === undefined) return []
  const findings = distinctBy === undefined ? [] : lintField(entry, distinctBy, `${pointer}/distinctBy`)
  if (sum === undefined) return findings
  const types = fieldTypes(entry.payloadSchema, sum.of)
  if (types !== undefined && !types.includes('number'))
    findings.push(
      error(
        'OPERAND_MISMATCH',
        `${pointer}/sum/of`,
        `${sum.of} is ${types.join(' or ')}, so it adds up to nothing. Name a field with a number.`,
      ),
    )
  return [...findings, ...lintField(entry, sum.of, `${pointer}/sum/of`)]
}

/** The field that each run is for has to be in an event that starts runs. */
function lintRunKey(track: TrackModel, registry: Registry): Finding[] {
  const { reentry, enrol } = track
  if (reentry?.mode !== 'perKey') return []
  const entries = new Map<string, EventEntry>()
  const add = ({ event, version }: MatchModel) => {
    const entry = registry.event(event, version)
    if (entry !== undefined) entries.set(entry.id, entry)
  }
  if (enrol?.mode === 'onEvent') add(enrol)
  else for (const [condition, pointer] of conditionsOf(track)) eachLeaf(condition, pointer, add)
  const all = [...entries.values()]
  const having = all.filter(({ payloadSchema }) => fieldSchemas(payloadSchema, reentry.key).length > 0)
  return (having.length > 0 ? having : all.slice(0, 1)).flatMap((entry) => lintField(entry, reentry.key, '/reentry/key'))
}

/** The field that groups events has to be in each of them. */
function lintCorrelate(node: ConditionModel, pointer: string, registry: Registry): Finding[] {
  if (!('correlate' in node) || node.correlate === undefined) return []
  const field = node.correlate
  const entries = new Map<string, EventEntry>()
  eachLeaf(node, pointer, ({ event, version }) => {
    const entry = registry.event(event, version)
    if (entry !== undefined) entries.set(entry.id, entry)
  })
  return [...entries.values()].flatMap((entry) => lintField(entry, field, `${pointer}/correlate`))
}

function lintField({ id, event, payloadSchema }: EventEntry, field: string, pointer: string): Finding[] {
  if (fieldSchemas(payloadSchema, field).length === 0)
    return [error('FIELD_UNKNOWN', pointer, `${id} has no field ${field}.${hint(field, fieldNames(payloadSchema))}`)]
  const personal = personalOf(field, event.pii)
  return personal === undefined
    ? []
    : [
        warning(
          'FIELD_PERSONAL',
          pointer,
          `${field} of ${id} is personal data (${personal}). A condition on it keeps traces of it in the state; use another field.`,
        ),
      ]
}
