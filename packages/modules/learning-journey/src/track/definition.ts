import { z } from 'zod'
import { DURATION, OPERATOR_NAMES, type TrackModel } from '../engine/index.ts'

/**
 * The JSON form of a track, `waymark.track/1`. Every field has a behaviour; an unknown one is an error.
 */
const LONGEST_TEXT = 2_000
const MOST_STEPS = 200
const MOST_COUNTED = 1_000
const MOST_PARTS = 50
const DEEPEST_CONDITION = 8
/** Far above what a track can need: keeps the recursion of everything that follows short. */
const DEEPEST_DOCUMENT = 64

const Key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'Expected lower-case letters, digits and dashes, e.g. first-win')
const EventKey = z.string().min(1).max(256)
const Text = z.union([
  z.string().min(1).max(LONGEST_TEXT),
  z.record(
    z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'Expected a locale such as en or pt-BR'),
    z.string().min(1).max(LONGEST_TEXT),
  ),
])
const Pointer = z.string().regex(/^(\/([^~/]|~[01])*)+$/, 'Expected a JSON Pointer such as /amount')
const Version = z.string().regex(/^\d+(\.\d+\.\d+)?$/, 'Expected a major such as 1, or a full version such as 1.0.0')
const Reward = z.strictObject({ xp: z.int().min(0).max(1_000_000).optional(), badge: Key.optional() })
const Duration = z.string().max(32).regex(DURATION, 'Expected an ISO 8601 duration such as PT168H or P7D')

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const Ordered = z.union([z.number(), z.string()])
const Operators = z
  .strictObject({
    eq: z.unknown().optional(),
    ne: z.unknown().optional(),
    in: z.array(z.unknown()).min(1).max(1_000).optional(),
    nin: z.array(z.unknown()).min(1).max(1_000).optional(),
    gt: Ordered.optional(),
    gte: Ordered.optional(),
    lt: Ordered.optional(),
    lte: Ordered.optional(),
    exists: z.boolean().optional(),
    contains: z.unknown().optional(),
    startsWith: z.string().optional(),
  })
  .refine((operators) => Object.keys(operators).length > 0, {
    error: `Expected one of the operators ${OPERATOR_NAMES.join(', ')}`,
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ minProperties: 1 })

const match = {
  event: EventKey.describe('Key of the event contract.'),
  version: Version.optional().describe('A major or a full version; any when absent.'),
  source: z.string().min(1).max(256).optional(),
  where: z
    .record(Pointer, z.union([Scalar, Operators]))
    .optional()
    .describe('JSON Pointers into the payload, to operators; a bare value means eq.'),
  trust: z.enum(['server', 'client']).optional().describe('client also counts events that the learner’s own app reports.'),
}

const Leaf = z.strictObject({
  ...match,
  atLeast: z.int().min(1).max(MOST_COUNTED).optional(),
  distinctBy: Pointer.optional().describe('Only events with a new value there count.'),
  lookback: z.enum(['sinceEnrolment', 'ever', 'afterUnlock']).optional(),
  consume: z.enum(['shared', 'exclusive']).optional(),
})

const All = z.strictObject({
  get all() {
    return z.array(Condition).min(1).max(MOST_PARTS)
  },
})
const Any = z.strictObject({
  get any() {
    return z.array(Condition).min(1).max(MOST_PARTS)
  },
})
const Sequence = z.strictObject({
  get sequence() {
    return z.array(Condition).min(1).max(MOST_PARTS)
  },
})
type ConditionInput =
  | z.input<typeof Leaf>
  | { all: ConditionInput[] }
  | { any: ConditionInput[] }
  | { sequence: ConditionInput[] }

const Condition: z.ZodType<ConditionInput, ConditionInput> = z
  .lazy(() => z.union([All, Any, Sequence, Leaf]))
  .meta({ id: 'Condition' }) as never

const Enrol = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('onFirstMatch') }),
  z.strictObject({ mode: z.literal('explicit') }),
  z.strictObject({ mode: z.literal('onEvent'), ...match }),
])

const StepKeys = z.array(Key).min(1).max(MOST_STEPS)
const Step = z.strictObject({
  key: Key,
  title: Text.optional(),
  description: Text.optional(),
  after: z
    .union([z.strictObject({ all: StepKeys }), z.strictObject({ any: StepKeys })])
    .optional()
    .describe('Steps that come first.'),
  complete: Condition,
  reward: Reward.optional(),
})

/** The schema of a track in JSON or YAML. */
export const TrackSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; nothing else reads it.'),
    format: z.literal('waymark.track/1'),
    key: Key,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'Expected a version such as 1.0.0'),
    title: Text.optional(),
    description: Text.optional(),
    subject: z.literal('learner').optional(),
    enrol: Enrol.optional(),
    lateness: Duration.optional().describe(
      'How much older than its arrival an event may be: an ISO 8601 duration, P7D when absent.',
    ),
    completion: Reward.optional(),
    steps: z.array(Step).min(1).max(MOST_STEPS),
  })
  .meta({ title: 'Waymark track' })

/** One thing wrong with a track definition. */
export interface TrackIssue {
  /** JSON Pointer into the definition. */
  readonly pointer: string
  readonly message: string
}

export type ParsedTrack =
  | { readonly ok: true; readonly track: TrackModel }
  | { readonly ok: false; readonly issues: readonly TrackIssue[] }

/** Checks the shape of a track; the returned one is a frozen copy. Events, fields and cycles are for `lintTrack`. */
export function parseTrack(definition: unknown): ParsedTrack {
  if (isDeeper(definition, DEEPEST_DOCUMENT))
    return { ok: false, issues: [{ pointer: '', message: `The document is nested deeper than ${DEEPEST_DOCUMENT} levels` }] }
  const result = TrackSchema.safeParse(definition)
  if (!result.success) return { ok: false, issues: result.error.issues.flatMap((issue) => toIssues(issue, definition)) }
  const { $schema: _, ...track } = result.data
  const deep = track.steps.findIndex((step) => depthOf(step.complete) > DEEPEST_CONDITION)
  if (deep >= 0)
    return {
      ok: false,
      issues: [
        { pointer: `/steps/${deep}/complete`, message: `The condition is nested deeper than ${DEEPEST_CONDITION} levels` },
      ],
    }
  return { ok: true, track: freeze(track) as TrackModel }
}

/** A union of shapes is reported as the one shape that the fields point to. */
function toIssues(issue: z.core.$ZodIssue, definition: unknown, base: readonly PropertyKey[] = []): TrackIssue[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const value = path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
      definition,
    )
    if (isConditionPath(path) && isObject(value) && !CONDITION_FIELDS.some((field) => Object.hasOwn(value, field))) {
      return [{ pointer: pointerOf(path), message: `Expected one of the fields ${CONDITION_FIELDS.join(', ')}` }]
    }
    const branch = [...issue.errors].sort((a, b) => strangeness(a, value) - strangeness(b, value))[0] ?? []
    return branch.flatMap((inner) => toIssues(inner, definition, path))
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), message: `Unknown field ${JSON.stringify(key)}` }))
  if (issue.code === 'invalid_key') return [{ pointer: pointerOf(path), message: issue.issues[0]?.message ?? issue.message }]
  return [{ pointer: pointerOf(path), message: issue.message }]
}

const CONDITION_FIELDS = ['event', 'all', 'any', 'sequence']

function isConditionPath(path: readonly PropertyKey[]): boolean {
  return path.at(-1) === 'complete' || (typeof path.at(-1) === 'number' && CONDITION_FIELDS.includes(String(path.at(-2))))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** How little a branch of a union has to do with the value: unknown fields and missing ones count most. */
function strangeness(issues: readonly z.core.$ZodIssue[], value: unknown): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length
    if ((issue.code === 'invalid_type' || issue.code === 'invalid_union') && issue.path.length === 0) return sum + 1_000
    const [field] = issue.path
    const missing =
      issue.path.length === 1 && typeof value === 'object' && value !== null && !Object.hasOwn(value, field as PropertyKey)
    return sum + (missing ? 100 : 1)
  }, 0)
}

function isDeeper(value: unknown, levels: number): boolean {
  return isObject(value) && (levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1)))
}

function depthOf(condition: ConditionInput): number {
  if ('event' in condition) return 1
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : condition.sequence
  return 1 + Math.max(...parts.map(depthOf))
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freeze))
  if (typeof value !== 'object' || value === null) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, freeze(item)])))
}
