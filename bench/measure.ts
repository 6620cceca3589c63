/** How numbers are made: contenders take turns, every result is checked, and what is reported is a median with its spread. */

/** How much of a run is worth its time. */
export interface Scale {
  readonly quick: boolean
  /** Rounds of the contenders of one row. */
  readonly rounds: number
  /** How long one sample of a CPU-bound contender lasts. */
  readonly sampleMs: number
  /** How long each CPU-bound contender runs before it is measured. */
  readonly warmUpMs: number
}

export const FULL: Scale = { quick: false, rounds: 15, sampleMs: 120, warmUpMs: 1_000 }
export const QUICK: Scale = { quick: true, rounds: 5, sampleMs: 40, warmUpMs: 200 }

/** Something that is measured beside others; a sample is one number, the same unit for all. */
export interface Contender {
  readonly name: string
  readonly sample: () => number | Promise<number>
}

/** One pass of the work; false when its result is wrong. A result that is asked for cannot be optimised away. */
export type Pass = () => boolean | Promise<boolean>

export interface Summary {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** Samples by contender, in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly number[]>

/**
 * Lets contenders take turns. One round is one sample of each, forwards and backwards by turns, so that a slow moment of the machine
 * meets all of them. Before the first round each runs for the same time, unmeasured.
 */
export async function interleave(
  contenders: readonly Contender[],
  { rounds, warmUpMs }: Pick<Scale, 'rounds' | 'warmUpMs'>,
): Promise<Samples> {
  for (const { sample } of contenders) for (const end = performance.now() + warmUpMs; performance.now() < end; ) await sample()
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, sample } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      samples.get(name)?.push(await sample())
    }
  }
  return samples
}

/** Median and quartiles. */
export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

/** A number that was taken once. */
export function single(value: number): Summary {
  return { median: value, low: value, high: value }
}

/** `value` by `base`, round by round: what the machine did to both in a round falls out. */
export function ratioOf(value: readonly number[], base: readonly number[]): Summary {
  return summarize(value.map((number, round) => number / (base[round] as number)))
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] as number
  return below + ((sorted[Math.ceil(place)] as number) - below) * (place % 1)
}

/** Nanoseconds since some moment. */
export type Clock = () => bigint

/** The time of all processors that this process took, its collector included: nothing that other programs do counts into it. */
export const cpuClock: Clock = () => {
  const { user, system } = process.cpuUsage()
  return BigInt(user + system) * 1_000n
}

/**
 * Nanoseconds per pass, over as many passes as fill the time.
 * @throws Error when a pass says that its result is wrong.
 */
export async function nsPerPass(pass: Pass, milliseconds: number, clock: Clock = process.hrtime.bigint): Promise<number> {
  const wanted = milliseconds * 1e6
  let passes = 0
  let spent = 0
  for (let chunk = 1; spent < wanted; ) {
    const start = clock()
    for (let i = 0; i < chunk; i++) {
      const right = pass()
      if (!(typeof right === 'boolean' ? right : await right)) throw new Error('A pass ended with the wrong result.')
    }
    const took = Number(clock() - start)
    passes += chunk
    spent += took
    if (took < wanted / 20) chunk *= 2
  }
  return spent / passes
}
