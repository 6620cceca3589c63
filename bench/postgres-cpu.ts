import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A tick of the kernel's accounting, in microseconds. */
const TICK = 10_000

/** Microseconds of CPU that a PostgreSQL server has used with all its processes; NaN where the system does not tell (not Linux). */
export function postgresCpu(folder: string): number {
  try {
    const server = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0] as string
    let ticks = 0
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const fields = fieldsOf(pid)
      if (fields === undefined) continue
      const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]))
      // Its own time, that of its processes, and that of processes which have ended.
      if (pid === server) ticks += (user ?? 0) + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0)
      else if (parent === Number(server)) ticks += (user ?? 0) + (system ?? 0)
    }
    return ticks * TICK
  } catch {
    return Number.NaN
  }
}

/** The fields of a process after its name, which may hold anything. */
function fieldsOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
