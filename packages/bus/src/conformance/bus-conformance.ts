import { afterEach, describe } from 'vitest'
import type { Bus } from '../bus.ts'
import { closingCases } from './closing-cases.ts'
import { deliveryCases } from './delivery-cases.ts'
import type { Harness } from './harness.ts'
import { retryCases } from './retry-cases.ts'

export interface BusConformanceOptions {
  /** Name of the adapter, for the titles. */
  readonly name: string
  /** Opens a bus. Called for every test, which uses subjects and groups of its own; the suite closes what it opened. */
  open(): Promise<Bus>
}

/** Declares the tests that every `Bus` passes, in a vitest suite of its own. They allow for messages that come more than once. */
export function busConformance({ name, open }: BusConformanceOptions): void {
  describe(`${name} keeps the promises of a bus`, () => {
    const opened = new Set<Bus>()
    const run = Math.random().toString(36).slice(2, 8)
    let tests = 0
    afterEach(async () => {
      for (const bus of opened) await bus.close()
      opened.clear()
    })
    const harness: Harness = {
      async open() {
        tests += 1
        const bus = await open()
        opened.add(bus)
        return { bus, subject: `conformance.${run}.s${tests}`, group: `conformance-${run}-g${tests}` }
      },
    }
    describe('delivery', () => deliveryCases(harness))
    describe('further tries', () => retryCases(harness))
    describe('closing', () => closingCases(harness))
  })
}
