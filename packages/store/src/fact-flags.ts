import type { FactRow } from '@waymark/learning-journey/ports'

type Flags = Pick<FactRow, 'backfilled' | 'heldOut'>

const BACKFILLED = 1
export const HELD_OUT = 2

/** What is true of a fact, as the bits of the column `flags`. */
export function toFlags({ backfilled, heldOut }: Flags): number {
  return (backfilled ? BACKFILLED : 0) + (heldOut ? HELD_OUT : 0)
}

export function fromFlags(flags: number): Flags {
  return { backfilled: (flags & BACKFILLED) !== 0, heldOut: (flags & HELD_OUT) !== 0 }
}
