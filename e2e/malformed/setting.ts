/** How many requests are sent to a server; in-process parts play as many more as they say. */
export const CASES = Number(process.env.MALFORMED_CASES ?? 100_000)
/** Every case is made of this number and its own. */
export const SEED = Number(process.env.MALFORMED_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** One case alone, to look at it. */
export const ONLY = process.env.MALFORMED_CASE === undefined ? undefined : Number(process.env.MALFORMED_CASE)
/** Longer than a million cases take, in milliseconds. */
export const LONGEST_RUN = 4 * 60 * 60_000
