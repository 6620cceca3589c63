/**
 * What a streak is, as naively as it can be said: sets of dates, walked from the beginning each time. Local dates are those that
 * Intl.DateTimeFormat prints. Shares no code with the engine and its calendar, and never looks at them.
 */

const HOUR = 3_600_000
const MINUTE = 60_000
const DAY = 24 * HOUR

export interface Rule {
  readonly graceMs: number
  readonly initial: number
  readonly earnEvery: number
  readonly cap: number
}

export interface Expected {
  readonly length: number
  readonly best: number
  readonly freezes: number
  readonly credited: readonly number[]
  readonly current: number
}

/** A date that cost something: `[date, what, length]`. */
export type Cost = readonly [day: number, kind: 'frozen' | 'lost', length: number]

/** The person: what their clock showed, on which dates they did something, what they were told. */
export class Person {
  readonly #rule: Rule
  readonly #from: number
  #zone: string
  #at: number
  readonly #lived = new Set<number>()
  readonly #credited = new Set<number>()
  readonly #told = new Set<number>()

  /** `from` is the beginning of a time in which all happens; see `clockOf`. */
  constructor(rule: Rule, from: number, at: number, zone: string) {
    this.#rule = rule
    this.#from = from
    this.#at = at
    this.#zone = zone
    this.#lived.add(this.#dateAt(at))
  }

  /** Time passes; what it cost is told once for each date. */
  passTo(at: number): Cost[] {
    const shown = clockOf(this.#zone, this.#from).datesBetween(this.#at - this.#rule.graceMs, at - this.#rule.graceMs)
    this.#at = at
    for (const date of shown) this.#lived.add(date)
    return this.#tell(Math.max(...shown))
  }

  travelTo(zone: string): Cost[] {
    this.#zone = zone
    const date = this.#dateAt(this.#at)
    this.#lived.add(date)
    return this.#tell(date)
  }

  credit(): boolean {
    const date = this.#dateAt(this.#at)
    if (this.#credited.has(date)) return false
    this.#credited.add(date)
    return true
  }

  expected(): Expected {
    const current = this.#dateAt(this.#at)
    const { length, freezes } = this.#walk(current)
    const { best } = this.#walk(Math.max(...this.#lived))
    return { length, best, freezes, credited: [...this.#credited].sort((a, b) => a - b), current }
  }

  /** When the current date is over. */
  nextEnd(): number {
    const { graceMs } = this.#rule
    return clockOf(this.#zone, this.#from).firstAfter(this.#at - graceMs, this.#dateAt(this.#at)) + graceMs
  }

  /** The next moment at which the clock shows another date. */
  nextTurn(): number {
    return clockOf(this.#zone, this.#from).nextTurn(this.#at - this.#rule.graceMs) + this.#rule.graceMs
  }

  #dateAt(at: number): number {
    return clockOf(this.#zone, this.#from).dateAt(at - this.#rule.graceMs)
  }

  #tell(current: number): Cost[] {
    const costs = this.#walk(current).costs.filter(([day]) => !this.#told.has(day))
    for (const [day] of costs) this.#told.add(day)
    return costs
  }

  #walk(current: number): { length: number; best: number; freezes: number; costs: Cost[] } {
    const { initial, earnEvery, cap } = this.#rule
    const costs: Cost[] = []
    let length = 0
    let best = 0
    let freezes = initial
    for (let date = Math.min(...this.#credited); date <= current; date++) {
      if (this.#credited.has(date)) {
        length += 1
        best = Math.max(best, length)
        if (earnEvery > 0 && length % earnEvery === 0 && freezes < cap) freezes += 1
      } else if (this.#lived.has(date) && date < current && length > 0) {
        costs.push([date, freezes > 0 ? 'frozen' : 'lost', length])
        if (freezes > 0) freezes -= 1
        else length = 0
      }
    }
    return { length, best, freezes, costs }
  }
}

/** How much time a clock knows from its beginning on. */
export const KNOWN = 50 * DAY

interface Turn {
  readonly at: number
  readonly date: number
}

/** The clock of a zone in a stretch of time: at which moments it shows another date. Made once by looking at it all the time. */
class Clock {
  readonly #turns: readonly Turn[]

  constructor(zone: string, from: number) {
    const read = reader(zone)
    const turns: Turn[] = [{ at: from, date: read(from).date }]
    const look = (start: number, end: number) => {
      const date = read(end).date
      if (date === turns.at(-1)?.date) return
      let before = start
      let after = end
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2)
        if (read(middle).date === date) after = middle
        else before = middle
      }
      turns.push({ at: after, date })
    }
    for (let hour = from; hour < from + KNOWN; hour += HOUR) {
      // A clock that goes back a minute past midnight shows the new date for this minute only.
      if (read(hour).ahead === read(hour + HOUR).ahead) look(hour, hour + HOUR)
      else for (let minute = hour; minute < hour + HOUR; minute += MINUTE) look(minute, minute + MINUTE)
    }
    this.#turns = turns
  }

  dateAt(at: number): number {
    return (this.#turns[this.#place(at)] as Turn).date
  }

  /** The dates shown between two moments, both included. */
  datesBetween(start: number, end: number): number[] {
    return this.#turns.slice(this.#place(start), this.#place(end) + 1).map((turn) => turn.date)
  }

  nextTurn(at: number): number {
    return this.#turns[this.#place(at) + 1]?.at ?? Number.NaN
  }

  /** The first moment after `at` at which a date after `date` is shown. */
  firstAfter(at: number, date: number): number {
    return this.#turns.slice(this.#place(at)).find((turn) => turn.date > date)?.at ?? Number.NaN
  }

  #place(at: number): number {
    const place = this.#turns.findLastIndex((turn) => turn.at <= at)
    if (place < 0) throw new Error(`${at} lies before what the clock knows`)
    return place
  }
}

const clocks = new Map<string, Clock>()

/** The clock of a zone from a moment on. */
export function clockOf(zone: string, from: number): Clock {
  const key = `${zone} ${from}`
  let clock = clocks.get(key)
  if (clock === undefined) {
    clock = new Clock(zone, from)
    clocks.set(key, clock)
  }
  return clock
}

/** Reads a zone's clock: the date in days since 1970, and how far the clock is ahead of UTC. */
function reader(zone: string): (at: number) => { readonly date: number; readonly ahead: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const [month, day, year, hour, minute, second] = (format.format(at).match(/\d+/g) as string[]).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const midnight = Date.UTC(year, month - 1, day)
    const local = midnight + hour * HOUR + minute * MINUTE + second * 1_000
    // The clock has no milliseconds; the moment may.
    return { date: midnight / DAY, ahead: local - Math.floor(at / 1_000) * 1_000 }
  }
}
