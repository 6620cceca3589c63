import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { numbers } from './rows.ts'

const KEY = { handler: 'crm/deal.created@1', source: 'shop', eventId: 'e1' }

export function inboxCases({ open }: Harness): void {
  it('knows what was handled once the transaction has committed, and tells handlers, sources, ids and tenants apart', async () => {
    const { unitOfWork } = await open()
    const added = await unitOfWork.run('acme', async ({ inbox }) => {
      const before = await inbox.has(KEY, 10)
      const isNew = await inbox.add(KEY, 10, 20)
      return [before, isNew, await inbox.has(KEY, 10), await inbox.add(KEY, 10, 20)]
    })
    expect(added).toEqual([false, true, true, false])
    const others = [
      { ...KEY, handler: 'mail/deal.created@1' },
      { ...KEY, source: '' },
      { ...KEY, eventId: 'e2' },
    ]
    const known = await unitOfWork.run('acme', ({ inbox }) => Promise.all([KEY, ...others].map((key) => inbox.has(key, 10))))
    expect(known).toEqual([true, false, false, false])
    expect(await unitOfWork.run('other', ({ inbox }) => inbox.has(KEY, 10))).toBe(false)
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.add(KEY, 10, 20))).toBe(false)
  })

  it('forgets what a transaction handled that was rolled back', async () => {
    const { unitOfWork } = await open()
    const undone = unitOfWork.run('acme', async ({ inbox }) => {
      await inbox.add(KEY, 10, 20)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.has(KEY, 10))).toBe(false)
  })

  it('forgets what has expired, so that it can be handled again', async () => {
    const { unitOfWork } = await open()
    await unitOfWork.run('acme', ({ inbox }) => inbox.add(KEY, 10, 20))
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.has(KEY, 19))).toBe(true)
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.has(KEY, 20))).toBe(false)
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.add(KEY, 20, 40))).toBe(true)
    expect(await unitOfWork.run('acme', ({ inbox }) => inbox.has(KEY, 39))).toBe(true)
  })

  it('is written with everything else of its transaction, by one of those who handle the same at the same time', async () => {
    const { unitOfWork } = await open()
    const answers = numbers(5).map((n) =>
      unitOfWork.run('acme', async ({ inbox, idempotency }) => {
        await idempotency.keep(`scope ${n}`, { inputHash: 'h', answer: '1' }, 20)
        if (!(await inbox.add(KEY, 10, 20))) throw new Error('handled')
      }),
    )
    const results = await Promise.allSettled(answers)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const kept = await unitOfWork.run('acme', (tx) => Promise.all(numbers(5).map((n) => tx.idempotency.find(`scope ${n}`, 10))))
    expect(kept.filter((record) => record !== undefined)).toHaveLength(1)
  })

  it('refuses a transaction that has ended', async () => {
    const { unitOfWork } = await open()
    const late = await unitOfWork.run('acme', async (tx) => tx)
    await expect(late.inbox.has(KEY, 10)).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
    await expect(late.inbox.add(KEY, 10, 20)).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
  })
}
