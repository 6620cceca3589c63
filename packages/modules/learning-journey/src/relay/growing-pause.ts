const FIRST_MS = 100
const LONGEST_MS = 5_000

/** How long to wait after so many failures in a row, in milliseconds: each time twice as long, up to a longest time. */
export function growingPause(failures: number, first = FIRST_MS, longest = LONGEST_MS): number {
  return Math.min(first * 2 ** (failures - 1), longest)
}
