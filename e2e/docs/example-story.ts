import { type Example, type OperationEntry, RESERVED, type Registry } from '@waymark/contract'

/** One call of the story: an operation, and its next example. */
export interface Chapter {
  readonly entry: OperationEntry
  readonly example: Example
}

/**
 * The order in which the examples of Waymark's own contracts are called, each operation as often as it has examples. What one of them
 * answers, others take up: the track that is published is the one in which somebody is enrolled.
 */
const ORDER = [
  'recordEvent recordEvent recordEvent ingest listRejected redriveRejected listUnknownEvents listTracks getProgress getProgress',
  'explain simulate publishTrack getJob dryRunTrack listJobs cancelJob enroll enroll enrollMany skipStep skipStep waiveStep',
  'revoke dismiss dismiss snooze exit exit reset identify group merge listEvents listLearners listFacts listEnrolments funnel',
  'timeToValue watchFacts exportLearner setTrackStatus setTrackStatus publishTrack rollbackTrack backfillTrack listTrackVersions',
  'eraseLearner server.database.backup server.database.backup',
]
  .join(' ')
  .split(' ')

/** @throws when an operation of the registry has no example, or one that is not in the story. */
export function tellStory(registry: Registry): readonly Chapter[] {
  const left = new Map(registry.operations.map((entry) => [entry.operation.meta.key, [...(entry.operation.meta.examples ?? [])]]))
  const silent = [...left].filter(([, examples]) => examples.length === 0).map(([key]) => key)
  if (silent.length > 0) throw new Error(`${silent.join(', ')} have no example.`)
  const chapters = ORDER.map((name) => {
    const key = name.includes('.') ? name : `learning.onboarding.${name}`
    const entry = registry.operation(key)
    const example = left.get(key)?.shift()
    if (entry === undefined || example === undefined) throw new Error(`The story calls ${key} once more than it has examples.`)
    return { entry, example }
  })
  const untold = [...left].filter(([, examples]) => examples.length > 0).map(([key]) => key)
  if (untold.length > 0) throw new Error(`Examples of ${untold.join(', ')} are not in the story.`)
  return chapters
}

/** The status that a call of an example is answered with. */
export function statusOf({ entry, example }: Chapter): number {
  if (example.error === undefined) return 200
  const declared = entry.operation.io.errors[example.error] ?? RESERVED[example.error as keyof typeof RESERVED]
  return declared.http
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/
/** Fields that say how large or how fast something was. */
const MEASURED = new Set(['bytes', 'durationMs', 'perSecond', 'sha256'])

/** The ids that a server makes, by those that stand for them in the examples. */
export class MadeIds {
  readonly #ids = new Map<string, string>()

  /** A text of an example with the ids that the server has made. */
  fill(text: string): string {
    return text.replace(UUID, (id) => this.#ids.get(id) ?? id)
  }

  /**
   * Where an answer is another one than that of the example. An id that the server makes and a moment are others each time: an id has
   * to be the same as before where the examples have one twice, and a moment of the future is as it was said. What is measured has
   * its type alone.
   */
  differences(expected: unknown, actual: unknown, at = ''): string[] {
    if (typeof expected !== typeof actual || expected === null || actual === null || typeof expected !== 'object') {
      return this.#isSame(expected, actual, at)
        ? []
        : [`${at || 'the answer'}: expected ${JSON.stringify(expected)}, is ${JSON.stringify(actual)}`]
    }
    const names = new Set([...Object.keys(expected), ...Object.keys(actual as object)])
    return [...names].flatMap((name) => {
      const [wanted, found] = [expected, actual].map((value) => (value as Readonly<Record<string, unknown>>)[name])
      return this.differences(wanted, found, `${at}/${name}`)
    })
  }

  #isSame(expected: unknown, actual: unknown, at: string): boolean {
    if (typeof expected !== typeof actual) return false
    if (MEASURED.has(at.slice(at.lastIndexOf('/') + 1))) return true
    if (typeof expected !== 'string' || typeof actual !== 'string') return expected === actual
    if (MOMENT.test(expected) && !expected.startsWith('2099-')) return MOMENT.test(actual)
    const [id] = expected.match(UUID) ?? []
    if (id !== expected) return expected === actual
    const known = this.#ids.get(expected)
    if (known !== undefined) return known === actual
    this.#ids.set(expected, actual)
    // With an Idempotency-Key some are made of that.
    return actual !== ''
  }
}
