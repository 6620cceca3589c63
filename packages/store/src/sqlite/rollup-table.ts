import type { DatabaseSync } from 'node:sqlite'
import { fromFlags } from '../fact-flags.ts'
import { toBucket, toDay } from '../rollup.ts'
import type { Value } from './row-values.ts'

/** Counts the facts of a round. Facts of one kind are added to their row at once: a round of many learners touches few rows. */
export function createRollupTable(db: DatabaseSync) {
  const add = db.prepare(
    `insert into rollup (tenant, track, day, held_out, step, name, bucket, count) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set count = count + excluded.count`,
  )
  return (facts: readonly (readonly Value[])[]): void => {
    const counts = new Map<string, { readonly key: readonly Value[]; count: number }>()
    for (const fact of facts) {
      const key = toRollupKey(fact)
      if (key === null) continue
      const id = key.join('\0')
      const known = counts.get(id)
      if (known === undefined) counts.set(id, { key, count: 1 })
      else known.count += 1
    }
    for (const { key, count } of counts.values()) add.run(...key, count)
  }
}

function toRollupKey(fact: readonly Value[]): readonly Value[] | null {
  const [tenant, , , name, track, , step, , , occurredAt, , flags, runStartedAt] = fact as readonly [string, ...Value[]]
  const times = { name: name as string, occurredAt: occurredAt as number, runStartedAt: runStartedAt as number }
  const bucket = toBucket(times)
  if (bucket === null) return null
  const heldOut = fromFlags(flags as number).heldOut ? 1 : 0
  return [tenant, track as string, toDay(times.runStartedAt), heldOut, (step as string | null) ?? '', times.name, bucket]
}
