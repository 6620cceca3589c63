import type { SubjectKey } from '@waymark/learning-journey/ports'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { entry, numbers, record } from './rows.ts'

const key = (text: string): SubjectKey => {
  const [tenant = '', subject = ''] = text.split(' ')
  return { tenant, subject }
}

export function subjectCases({ open }: Harness): void {
  it('lists every subject with entries once, by tenant and subject, in pages', async () => {
    const store = await open()
    const subjects = ['acme l:ada', 'acme l:😀', 'acme l:\uff01', 'acme a:south', 'b l:ada', 'b z:x', 'c a:only']
    const entries = subjects.flatMap((text) => numbers(3).map((n) => entry({ ...key(text), eventId: `e${n}` })))
    const made = [
      entry({ ...key('acme l:ada'), eventId: 'm1', account: 'south' }),
      entry({ ...key('acme l:ada'), eventId: 'm2', account: 'north' }),
      entry({ ...key('b l:ada'), eventId: 'm3', account: 'zeta' }),
    ]
    await record(store, [...entries, ...made])
    const expected = [
      'acme a:north',
      'acme a:south',
      'acme l:ada',
      'acme l:\uff01',
      'acme l:😀',
      'b a:zeta',
      'b l:ada',
      'b z:x',
      'c a:only',
    ]
    for (const size of [1, 2, 100]) {
      const found: SubjectKey[] = []
      for (;;) {
        const page = await store.readSubjects(found.at(-1) ?? null, size)
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(size)
        found.push(...page)
      }
      expect(found).toEqual(expected.map(key))
    }
    expect(await store.readSubjects(key('acme 0'), 1)).toEqual([key('acme a:north')])
    expect(await store.readSubjects(key('acme b'), 1)).toEqual([key('acme l:ada')])
  })

  it('lists nobody of an empty journal', async () => {
    const store = await open()
    expect(await store.readSubjects(null, 5)).toEqual([])
  })
}
