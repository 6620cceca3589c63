import type { FactRow, JournalStore } from '@waymark/learning-journey/ports'
import { crashAt } from './faulty-store.ts'
import { differences } from './match.ts'
import { VectorProcess } from './process.ts'
import type { Call, Expectation, Vector } from './vector.ts'

/** Opens a store; what it holds survives until `remove`. */
export interface StoreUnderTest {
  readonly name: string
  open(): Promise<{ readonly store: JournalStore; reopen(): Promise<JournalStore>; remove(): Promise<void> }>
}

const MOST_ORDERS = 120
const MOST_POINTS = 1_000

/** Runs one vector on one store. Returns what went wrong, nothing when it passed. */
export async function runVector(vector: Vector, under: StoreUnderTest): Promise<string[]> {
  if (vector.crash) return runCrashes(vector, under)
  const states = new Set<string>()
  const failures: string[] = []
  for (const [number, entries] of ordersOf(vector).entries()) {
    const opened = await under.open()
    try {
      const found = await runOnce(vector, opened.store, entries, number > 0)
      failures.push(
        ...(number === 0 ? found : found.map((text) => `order ${entries.map(({ eventId }) => eventId).join(' ')}: ${text}`)),
      )
      states.add(await statesOf(vector, opened.store))
      await opened.store.close()
    } finally {
      await opened.remove()
    }
  }
  if (states.size > 1) failures.push(`the orders gave ${states.size} different states`)
  return failures
}

async function runOnce(vector: Vector, store: JournalStore, entries: readonly Call[], endOnly: boolean): Promise<string[]> {
  const process = new VectorProcess(vector, store)
  try {
    return await runIn(process, vector, store, entries, endOnly)
  } finally {
    await process.close()
  }
}

async function runIn(
  process: VectorProcess,
  vector: Vector,
  store: JournalStore,
  entries: readonly Call[],
  endOnly: boolean,
): Promise<string[]> {
  try {
    await process.start()
  } catch (error) {
    const { refused } = vector.expect ?? {}
    const message = error instanceof Error ? error.message : String(error)
    return refused === undefined
      ? [`the tracks were refused: ${message}`]
      : refused.filter((text) => !message.includes(text)).map((text) => `the refusal lacks ${JSON.stringify(text)}: ${message}`)
  }
  if (vector.expect?.refused !== undefined) return ['the tracks were served, and should have been refused']
  const failures: string[] = []
  if (vector.parallel) await Promise.all(entries.map((entry) => process.call(entry)))
  else {
    for (const [index, entry] of entries.entries()) {
      const found = await step(process, entry)
      if (!endOnly) failures.push(...found.map((text) => `entry ${index + 1}: ${text}`))
    }
  }
  return [...failures, ...(await checkEnd(process, store, vector.expect ?? {}))]
}

async function step(process: VectorProcess, entry: Call): Promise<string[]> {
  if (entry.publish !== undefined) {
    await process.start(entry.publish)
    return []
  }
  if (entry.sweep !== undefined) {
    await process.sweep(entry.sweep)
    return []
  }
  if (entry.wake !== undefined) {
    await process.wake(entry.wake)
    return []
  }
  if (entry.repeat !== undefined) {
    const statuses = await process.repeat(entry)
    const other = statuses.find((status) => status !== 'recorded')
    return other === undefined ? [] : [`a repeated event was ${other}`]
  }
  const result = await process.call(entry)
  if (entry.expect === undefined) return result.ok ? [] : [`refused: ${result.problem.code} ${result.problem.detail}`]
  return differences(entry.expect, result.ok ? result.data : { problem: result.problem })
}

/** Each point in turn: run until it dies there, start again on what was committed, send everything once more. */
async function runCrashes(vector: Vector, under: StoreUnderTest): Promise<string[]> {
  const failures: string[] = []
  for (let point = 0; point < MOST_POINTS; point++) {
    const opened = await under.open()
    try {
      const faulty = crashAt(opened.store, point)
      const process = new VectorProcess(vector, faulty)
      await process.start()
      for (const entry of vector.entries) await process.call(entry)
      await process.close()
      const survived = faulty.reached() <= point
      const store = await opened.reopen()
      const again = new VectorProcess(vector, store)
      await again.start()
      for (const entry of vector.entries) await again.call(entry)
      failures.push(...(await checkEnd(again, store, vector.expect ?? {})).map((text) => `crash at point ${point}: ${text}`))
      await again.close()
      await store.close()
      if (survived) return failures
    } finally {
      await opened.remove()
    }
  }
  return [...failures, `there were more than ${MOST_POINTS} points`]
}

async function checkEnd(process: VectorProcess, store: JournalStore, expect: Expectation): Promise<string[]> {
  const failures: string[] = []
  for (const [learnerId, wanted] of Object.entries(expect.progress ?? {})) {
    const result = await process.invoke('getProgress', { learnerId })
    failures.push(...differences(wanted, result.ok ? result.data : { problem: result.problem }, `progress of ${learnerId}`))
  }
  for (const [learnerId, wanted] of Object.entries(expect.facts ?? {})) {
    await store.sequence()
    const facts = await store.readFacts({ tenant: 'default', subject: subjectOf(learnerId), limit: 10_000 })
    failures.push(...differences([...wanted].sort(), facts.map(nameOf).sort(), `facts of ${learnerId}`))
  }
  for (const [learnerId, wanted] of Object.entries(expect.backfilled ?? {})) {
    await store.sequence()
    const facts = await store.readFacts({ tenant: 'default', subject: subjectOf(learnerId), limit: 10_000 })
    const names = facts.filter(({ backfilled }) => backfilled).map(nameOf)
    failures.push(...differences([...wanted].sort(), names.sort(), `backfilled facts of ${learnerId}`))
  }
  for (const [learnerId, wanted] of Object.entries(expect.expired ?? {})) {
    const entries = await store.readEntries({ tenant: 'default', subject: subjectOf(learnerId) })
    const expired = entries.filter(({ payload }) => payload === null)
    failures.push(...differences(wanted, expired.length, `expired entries of ${learnerId}`))
  }
  for (const [learnerId, wanted] of Object.entries(expect.journal ?? {})) {
    const entries = await store.readEntries({ tenant: 'default', subject: subjectOf(learnerId) })
    failures.push(...differences(wanted, entries.length, `journal of ${learnerId}`))
  }
  for (const [learnerId, wanted] of Object.entries(expect.state ?? {})) {
    failures.push(
      ...differences(
        wanted,
        (await store.readState({ tenant: 'default', subject: subjectOf(learnerId) })) !== null,
        `state of ${learnerId}`,
      ),
    )
  }
  for (const [learnerId, most] of Object.entries(expect.stateBytes ?? {})) {
    const bytes = (await store.readState({ tenant: 'default', subject: subjectOf(learnerId) }))?.length ?? 0
    if (bytes === 0 || bytes > most) failures.push(`the state of ${learnerId} has ${bytes} bytes, expected 1 to ${most}`)
  }
  if (expect.rejected !== undefined) {
    const rows = await store.readRejected({ tenant: 'default', limit: 200 })
    failures.push(...differences(expect.rejected, rows.length, 'rejected'))
  }
  return failures
}

/** A learner is named by id alone. */
function subjectOf(name: string): string {
  return name.startsWith('a:') ? name : `l:${name}`
}

function nameOf({ name, step }: FactRow): string {
  return `${name.replace('learning.onboarding.', '')}${step === null ? '' : `:${step}`}`
}

async function statesOf({ expect, orders }: Vector, store: JournalStore): Promise<string> {
  if (orders !== 'all') return ''
  const learners = Object.keys({ ...expect?.progress, ...expect?.facts })
  const states = await Promise.all(learners.map((learner) => store.readState({ tenant: 'default', subject: subjectOf(learner) })))
  return states.map((state) => (state === null ? '-' : Buffer.from(state).toString('hex'))).join()
}

function ordersOf({ entries, orders }: Vector): (readonly Call[])[] {
  if (orders !== 'all') return [entries]
  const all: Call[][] = []
  const permute = (taken: Call[], rest: readonly Call[]) => {
    if (all.length >= MOST_ORDERS) return
    if (rest.length === 0) all.push(taken)
    for (const [index, call] of rest.entries()) permute([...taken, call], rest.toSpliced(index, 1))
  }
  permute([], entries)
  return all
}
