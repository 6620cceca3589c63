/** Numbers from 0 to below 1 (mulberry32): the same in every run with one seed. */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The seed of this run: that of `FAULT_SEED`, else a new one. It is printed, to do a run again. */
export function takeSeed(of: string): number {
  const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`${of}: FAULT_SEED=${seed}`)
  return seed
}

/** A whole number from 0 to below `below`. */
export function below(random: Random, below: number): number {
  return Math.floor(random() * below)
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[below(random, items.length)] as T
}

/** In an order of its own (Fisher and Yates); changes the array. */
export function shuffle<T>(random: Random, items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = below(random, last + 1)
    ;[items[last], items[other]] = [items[other] as T, items[last] as T]
  }
  return items
}
