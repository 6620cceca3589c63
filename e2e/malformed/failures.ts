import { SEED } from './setting.ts'

/** What was wrong, with how often and the first case in which it was; `''` when nothing was. */
export class Failures {
  readonly #found = new Map<string, { count: number; readonly first: string }>()

  add(what: string, number: number, details = ''): void {
    const found = this.#found.get(what) ?? {
      count: 0,
      first: `MALFORMED_SEED=${SEED} MALFORMED_CASE=${number}\n${details}`,
    }
    this.#found.set(what, found)
    found.count += 1
  }

  toString(): string {
    return [...this.#found].map(([what, { count, first }]) => `${what} (${count} times), first: ${first}\n`).join('\n')
  }
}
