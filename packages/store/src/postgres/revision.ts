import type { Answer } from './connections.ts'
import { type Asked, statement } from './statement.ts'

export const readRevision: Asked = [statement('select value from waymark.revision'), []]

/** Says to all processes that what they know of tracks and of erased people is out of date. As the worker. */
export const bumpRevision: Asked = [statement('update waymark.revision set value = value + 1'), []]

export function toRevision({ rows }: Answer): number {
  return Number(rows[0]?.[0])
}
