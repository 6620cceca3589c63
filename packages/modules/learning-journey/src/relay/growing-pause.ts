const FIRST_MS = 100
const LONGEST_MS = 5_000

/** How long to wait after so many failures in a row, in milliseconds: each time twice as long. */
export function growingPause(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)
}
