import { Session } from 'node:inspector/promises'

/** A part of the work, and how to know its code by its file. */
export interface Part {
  readonly name: string
  readonly files: RegExp
}

/**
 * Samples the main thread while some work runs and says which share of its busy time each part had. Code that belongs to no part (a
 * library, the runtime) counts for the part that called it; what nobody called is `rest`.
 */
export async function cpuShares(parts: readonly Part[], work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 250 })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()

  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const partOf = (id: number | undefined): string => {
    const frame = id === undefined ? undefined : nodes.get(id)?.callFrame
    if (frame === undefined) return 'rest'
    if (frame.functionName === '(idle)') return 'idle'
    if (frame.functionName === '(garbage collector)') return 'garbage collection'
    return parts.find(({ files }) => files.test(frame.url))?.name ?? partOf(parents.get(id as number))
  }
  const times = new Map<string, number>()
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const name = partOf(id)
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas?.[index] ?? 0))
  }
  times.delete('idle')
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  return new Map([...times].map(([name, time]) => [name, time / total]))
}
