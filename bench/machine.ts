import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

/** What the figures were made on, as far as they depend on it. */
export interface Machine {
  readonly cpus: number
  readonly model: string
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Of the minute before; above `cpus` something else was running, and absolute figures say little. */
  readonly load: number
}

export function describeMachine(): Machine {
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().split('-')[0]} ${process.arch}`,
    node: process.version,
    load: Number((loadavg()[0] as number).toFixed(1)),
  }
}

export function toText({ cpus, model, memoryGiB, system, node, load }: Machine): string {
  return `${cpus} × ${model}, ${memoryGiB} GiB, ${system}, Node ${node}, load ${load} at the start`
}
