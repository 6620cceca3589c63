import type { JsonSchema, Registry } from '@waymark/contract'
import {
  type ConditionModel,
  DEFAULT_LATENESS,
  type LeafModel,
  type MatchModel,
  parseDuration,
  prerequisites,
  type TrackModel,
  toPath,
} from '../engine/index.ts'
import { nearest } from './nearest.ts'

/** What a lint found. An `error` keeps the track from being published. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'info'
  readonly code: FindingCode
  /** JSON Pointer into the definition. */
  readonly pointer: string
  readonly message: string
}

export type FindingCode =
  | 'STEP_DUPLICATE'
  | 'STEP_UNKNOWN'
  | 'STEP_CYCLE'
  | 'EVENT_UNKNOWN'
  | 'VERSION_UNKNOWN'
  | 'FIELD_UNKNOWN'
  | 'FIELD_PERSONAL'
  | 'OPERAND_MISMATCH'
  | 'RETENTION_SHORT'
  | 'TRUST_NOT_REPORTABLE'
  | 'ORDER_FREE'
  | 'MAY_STAND'

/** Checks a track against itself and against the event contracts it names. */
export function lintTrack(track: TrackModel, registry: Registry): Finding[] {
  return [...lintSteps(track), ...lintEvents(track, registry), orderFinding(track)]
}

function lintSteps(track: TrackModel): Finding[] {
  const findings: Finding[] = []
  const keys = track.steps.map(({ key }) => key)
  for (const [index, step] of track.steps.entries()) {
    if (keys.indexOf(step.key) !== index) {
      findings.push(
        error('STEP_DUPLICATE', `/steps/${index}/key`, `The step ${step.key} is there twice. Give one of them another key.`),
      )
    }
    const { keys: first, any } = prerequisites(step)
    for (const [place, key] of first.entries()) {
      if (keys.includes(key)) continue
      findings.push(
        error(
          'STEP_UNKNOWN',
          `/steps/${index}/after/${any ? 'any' : 'all'}/${place}`,
          `There is no step ${key}.${hint(key, keys)}`,
        ),
      )
    }
  }
  return [...findings, ...cycles(track)]
}

/** A cycle that no `any` leads out of can never be unlocked; each is reported once, with its path. */
function cycles(track: TrackModel): Finding[] {
  const known = new Map(track.steps.map((step, index) => [step.key, { ...prerequisites(step), index }]))
  const reachable = new Set<string>()
  for (let grew = true; grew; ) {
    grew = false
    for (const [key, { keys, any }] of known) {
      const met = (first: string) => !known.has(first) || reachable.has(first)
      if (reachable.has(key) || !(keys.length === 0 || (any ? keys.some(met) : keys.every(met)))) continue
      reachable.add(key)
      grew = true
    }
  }
  const findings: Finding[] = []
  const reported = new Set<string>()
  for (const [key, { index }] of known) {
    if (reachable.has(key) || reported.has(key)) continue
    const path: string[] = []
    for (
      let at: string | undefined = key;
      at !== undefined && !path.includes(at);
      at = known.get(at)?.keys.find((first) => known.has(first) && !reachable.has(first))
    )
      path.push(at)
    const last = path.at(-1) as string
    const back = known.get(last)?.keys.find((first) => path.includes(first)) ?? key
    const circle = path.slice(path.indexOf(back))
    if (!circle.some((member) => reported.has(member))) {
      findings.push(
        error(
          'STEP_CYCLE',
          `/steps/${known.get(back)?.index ?? index}/after`,
          `These steps wait for each other, so none can ever open: ${[...circle, back].join(' → ')}. Remove one of the prerequisites.`,
        ),
      )
    }
    for (const member of path) reported.add(member)
  }
  return findings
}

function lintEvents(track: TrackModel, registry: Registry): Finding[] {
  const findings: Finding[] = []
  const lateness = track.lateness ?? DEFAULT_LATENESS
  const latenessMs = parseDuration(lateness) ?? 0
  const names = [...new Set(registry.events.map(({ event }) => event.meta.key))]
  const check = (match: MatchModel & Partial<LeafModel>, pointer: string) => {
    if (registry.event(match.event) === undefined) {
      findings.push(
        error('EVENT_UNKNOWN', `${pointer}/event`, `No module declares the event ${match.event}.${hint(match.event, names)}`),
      )
      return
    }
    const entry = registry.event(match.event, match.version)
    if (entry === undefined) {
      findings.push(error('VERSION_UNKNOWN', `${pointer}/version`, `The event ${match.event} has no version ${match.version}.`))
      return
    }
    const { retention } = (registry.event(match.event) ?? entry).event
    if (retention !== null && (parseDuration(retention) ?? 0) < latenessMs) {
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
    const fields: [string, string][] = Object.keys(match.where ?? {}).map((field) => [
      field,
      `${pointer}/where/${escapeToken(field)}`,
    ])
    if (match.distinctBy !== undefined) fields.push([match.distinctBy, `${pointer}/distinctBy`])
    for (const [field, place] of fields) findings.push(...lintField(entry.payloadSchema, entry.id, entry.event.pii, field, place))
    for (const [field, wanted] of Object.entries(match.where ?? {}))
      findings.push(...lintOperands(entry.payloadSchema, field, wanted, `${pointer}/where/${escapeToken(field)}`))
  }
  if (track.enrol?.mode === 'onEvent') check(track.enrol, '/enrol')
  for (const [index, step] of track.steps.entries()) eachLeaf(step.complete, `/steps/${index}/complete`, check)
  return findings
}

function lintField(schema: JsonSchema, event: string, pii: readonly string[], field: string, pointer: string): Finding[] {
  if (fieldSchemas(schema, schema, toPath(field)).length === 0)
    return [error('FIELD_UNKNOWN', pointer, `${event} has no field ${field}.${hint(field, fieldNames(schema))}`)]
  const personal = pii.find((path) => field === path || field.startsWith(`${path}/`) || path.startsWith(`${field}/`))
  return personal === undefined
    ? []
    : [
        warning(
          'FIELD_PERSONAL',
          pointer,
          `${field} of ${event} is personal data (${personal}). A condition on it keeps traces of it in the state; use another field.`,
        ),
      ]
}

function lintOperands(schema: JsonSchema, field: string, wanted: unknown, pointer: string): Finding[] {
  const types = typesOf(schema, fieldSchemas(schema, schema, toPath(field)))
  if (types === undefined) return []
  const operators = typeof wanted === 'object' && wanted !== null ? Object.entries(wanted) : [['eq', wanted] as const]
  return operators.flatMap(([operator, value]) => {
    const operands =
      operator === 'in' || operator === 'nin' ? (value as unknown[]) : ['exists', 'contains'].includes(operator) ? [] : [value]
    const wrong = operands.find((operand) => !types.includes(typeOf(operand)))
    return wrong === undefined
      ? []
      : [
          error(
            'OPERAND_MISMATCH',
            `${pointer}${typeof wanted === 'object' && wanted !== null ? `/${operator}` : ''}`,
            `${field} is ${types.join(' or ')}, so ${operator} ${JSON.stringify(wrong)} can never be what you mean.`,
          ),
        ]
  })
}

/** What a schema says of a field, one for each alternative that has it: `{}` where it says nothing; none where it rules the field out. */
function fieldSchemas(root: JsonSchema, schema: JsonSchema, path: readonly string[]): readonly JsonSchema[] {
  const resolved = resolve(root, schema)
  const [field, ...rest] = path
  if (field === undefined) return [resolved]
  const { type, properties, additionalProperties, items } = resolved
  const alternatives = alternativesOf(resolved)
  const found = alternatives.flatMap((alternative) => fieldSchemas(root, alternative, path))
  if (isSchema(properties) && Object.hasOwn(properties, field))
    return [...found, ...fieldSchemas(root, properties[field] as JsonSchema, rest)]
  if (alternatives.length > 0) return found
  if (isSchema(additionalProperties)) return fieldSchemas(root, additionalProperties, rest)
  if (type === 'array' && /^\d+$/.test(field)) return isSchema(items) ? fieldSchemas(root, items, rest) : OPEN
  if (additionalProperties !== undefined) return additionalProperties === true ? OPEN : []
  return properties === undefined && (type === undefined || type === 'object') ? OPEN : []
}

const OPEN: readonly JsonSchema[] = [{}]

function alternativesOf({ anyOf, oneOf, allOf }: JsonSchema): JsonSchema[] {
  return [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as JsonSchema[]) : []))
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null
}

function resolve(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const { $ref } = schema
  if (typeof $ref !== 'string' || !$ref.startsWith('#')) return schema
  let target: unknown = root
  for (const token of toPath($ref.slice(1))) target = (target as Record<string, unknown> | undefined)?.[token]
  return typeof target === 'object' && target !== null ? (target as JsonSchema) : {}
}

/** The types that a value may have by any of the schemas; undefined when one of them does not say. */
function typesOf(root: JsonSchema, schemas: readonly JsonSchema[]): string[] | undefined {
  const types = new Set<string>()
  for (const schema of schemas) {
    const resolved = resolve(root, schema)
    const alternatives = alternativesOf(resolved)
    const found = alternatives.length > 0 ? typesOf(root, alternatives) : [resolved.type ?? []].flat().map(String)
    if (found === undefined || found.length === 0) return undefined
    for (const type of found) types.add(type === 'integer' ? 'number' : type)
  }
  return types.size === 0 ? undefined : [...types]
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function fieldNames(schema: JsonSchema): string[] {
  return Object.keys((schema.properties as object | undefined) ?? {}).map((name) => `/${escapeToken(name)}`)
}

/** Only counting is order-free: an exclusive leaf beside something that looks at the order can announce what a late entry takes back. */
function orderFinding(track: TrackModel): Finding {
  const ordered: string[] = []
  const exclusive: string[] = []
  // An earlier start then turns entries that only `ever` could count into entries for everyone.
  const startsLater = track.enrol !== undefined && track.enrol.mode !== 'onFirstMatch'
  for (const [index, step] of track.steps.entries()) {
    if (hasSequence(step.complete)) ordered.push(`/steps/${index}/complete`)
    eachLeaf(step.complete, `/steps/${index}/complete`, (leaf, pointer) => {
      if (leaf.consume === 'exclusive') exclusive.push(pointer)
      if (leaf.lookback === 'afterUnlock' || (leaf.lookback === 'ever' && startsLater)) ordered.push(pointer)
    })
  }
  if (exclusive.length < 2 || ordered.length === 0) {
    return {
      severity: 'info',
      code: 'ORDER_FREE',
      pointer: '',
      message: 'Order-free: what is shown never depends on the order in which events arrive.',
    }
  }
  return {
    severity: 'info',
    code: 'MAY_STAND',
    pointer: exclusive[0] as string,
    message: `Completions may stand: exclusive conditions (${exclusive.join(', ')}) beside conditions that look at the order (${ordered.join(', ')}). A late event can contradict a completion that was announced; it then stays, marked as standing.`,
  }
}

/** Visits all leaves of a condition with their pointers. */
function eachLeaf(condition: ConditionModel, pointer: string, visit: (leaf: LeafModel, pointer: string) => void): void {
  if ('event' in condition) {
    visit(condition, pointer)
    return
  }
  for (const [kind, parts] of Object.entries(condition) as [string, readonly ConditionModel[]][]) {
    for (const [index, part] of parts.entries()) eachLeaf(part, `${pointer}/${kind}/${index}`, visit)
  }
}

function hasSequence(condition: ConditionModel): boolean {
  if ('event' in condition) return false
  return (
    'sequence' in condition ||
    (Object.values(condition) as (readonly ConditionModel[])[]).some((parts) => parts.some(hasSequence))
  )
}

function hint(name: string, known: readonly string[]): string {
  const names = nearest(name, known)
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

function error(code: FindingCode, pointer: string, message: string): Finding {
  return { severity: 'error', code, pointer, message }
}

function warning(code: FindingCode, pointer: string, message: string): Finding {
  return { severity: 'warning', code, pointer, message }
}
