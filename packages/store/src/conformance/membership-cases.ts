import type { MembershipRow } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { record } from './rows.ts'

function membership(values: Partial<MembershipRow> = {}): MembershipRow {
  return { tenant: 'acme', learner: 'ada', account: 'north', since: 10, until: null, ...values }
}

export function membershipCases({ open }: Harness): void {
  it('returns all memberships of some learners, and of nobody else', async () => {
    const store = await open()
    const rows = [
      membership(),
      membership({ since: 0, until: 10 }),
      membership({ account: 'south', until: 20 }),
      membership({ learner: 'bob' }),
      membership({ tenant: 'other' }),
    ]
    await record(store, [], [], () => ({ memberships: [...rows, membership({ learner: 'eve' })] }))
    const keys = ['acme ada', 'acme bob', 'other ada', 'acme ada', 'other nobody'].map((key) => key.split(' '))
    const found = await store.readMemberships(keys.map(([tenant, learner]) => ({ tenant, learner }) as never))
    expect(found).toHaveLength(rows.length)
    expect(found).toEqual(expect.arrayContaining(rows))
    expect(await store.readMemberships([])).toEqual([])
  })

  it('replaces a membership when its end becomes known or is taken back', async () => {
    const store = await open()
    const asked = [{ tenant: 'acme', learner: 'ada' }]
    for (const until of [null, 30, 30, null]) {
      await record(store, [], [], () => ({ memberships: [membership({ until })] }))
      expect(await store.readMemberships(asked)).toEqual([membership({ until })])
    }
  })
}
