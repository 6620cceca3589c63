import type { Transaction } from '@waymark/contract'
import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, derived, entry, numbers, record } from './rows.ts'

const RECORD = { inputHash: 'h1', answer: '{"b":1,"a":0.1}' }
const SCOPE = 'u:1 learning.enroll@1 key'

export function unitOfWorkCases({ open }: Harness): void {
  it('keeps a record with the transaction, and answers what the work answers', async () => {
    const { unitOfWork } = await open()
    const answer = await unitOfWork.run('acme', async (tx) => {
      expect(tx.tenant).toBe('acme')
      expect(await tx.idempotency.find(SCOPE, 10)).toBeUndefined()
      await tx.idempotency.keep(SCOPE, RECORD, 20)
      expect(await tx.idempotency.find(SCOPE, 10)).toEqual(RECORD)
      return 42
    })
    expect(answer).toBe(42)
    expect(await unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 10))).toEqual(RECORD)
    expect(await unitOfWork.run('other', (tx) => tx.idempotency.find(SCOPE, 10))).toBeUndefined()
  })

  it('keeps nothing when the work rejects, and passes its error on', async () => {
    const { unitOfWork } = await open()
    const failure = new Error('not today')
    const work = async (tx: Transaction) => {
      await tx.idempotency.keep(SCOPE, RECORD, 20)
      throw failure
    }
    await expect(unitOfWork.run('acme', work)).rejects.toBe(failure)
    expect(await unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 10))).toBeUndefined()
  })

  it('does not find a record that has expired, and replaces it', async () => {
    const { unitOfWork } = await open()
    await unitOfWork.run('acme', (tx) => tx.idempotency.keep(SCOPE, RECORD, 20))
    expect(await unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 19))).toEqual(RECORD)
    expect(await unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 20))).toBeUndefined()
    const later = { inputHash: 'h2', answer: '2' }
    await unitOfWork.run('acme', (tx) => tx.idempotency.keep(SCOPE, later, 40))
    expect(await unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 30))).toEqual(later)
  })

  it('does work under one scope once, however many ask at the same time', async () => {
    const { unitOfWork } = await open()
    let count = 0
    const answers = numbers(5).map(() =>
      unitOfWork.run('acme', async ({ idempotency }) => {
        const kept = await idempotency.find(SCOPE, 10)
        if (kept !== undefined) return kept.answer
        count += 1
        await idempotency.keep(SCOPE, { inputHash: 'h', answer: String(count) }, 20)
        return String(count)
      }),
    )
    expect(await Promise.all(answers)).toEqual(numbers(5).map(() => '1'))
  })

  it('runs beside rounds without mixing with them', async () => {
    const { unitOfWork, ...store } = await open()
    const work = numbers(10).flatMap((n) => [
      record(store as never, [entry({ eventId: `e${n}` })], [ada]),
      unitOfWork.run('acme', async (tx) => {
        await tx.idempotency.keep(`scope ${n}`, RECORD, 20)
        if (n % 2 === 0) throw new Error('undone')
      }),
    ])
    const results = await Promise.allSettled(work)
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5)
    expect(await store.readEntries(ada)).toHaveLength(10)
    const kept = await unitOfWork.run('acme', (tx) => Promise.all(numbers(10).map((n) => tx.idempotency.find(`scope ${n}`, 10))))
    expect(kept.map((found) => found !== undefined)).toEqual(numbers(10).map((n) => n % 2 === 1))
  })

  it('holds no round up while it has asked nothing of its transaction', async () => {
    const store = await open()
    const outcome = await store.unitOfWork.run('acme', async () => {
      const round = await store.append([entry()], [])
      return round.commit(derived())
    })
    expect(outcome).toBe('committed')
  })

  it('refuses a transaction that is used after its work has ended', async () => {
    const { unitOfWork } = await open()
    const late = await unitOfWork.run('acme', async (tx) => tx)
    await expect(late.idempotency.find(SCOPE, 10)).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
    await expect(late.idempotency.keep(SCOPE, RECORD, 20)).rejects.toMatchObject({ code: 'STORE_TRANSACTION_ENDED' })
  })

  it('keeps what was not awaited with the transaction or refuses it, and never lets it fall into the next one', async () => {
    const store = await open()
    let late: Promise<unknown> = Promise.resolve()
    const run = store.unitOfWork.run('acme', async (tx) => {
      await tx.idempotency.find(SCOPE, 10)
      late = tx.idempotency.keep(SCOPE, RECORD, 20)
    })
    const next = store.append([entry()], [])
    const [isKept] = await Promise.all([
      run.then(() =>
        late.then(
          () => true,
          () => false,
        ),
      ),
      run,
    ])
    await (await next).rollback()
    const found = await store.unitOfWork.run('acme', (tx) => tx.idempotency.find(SCOPE, 10))
    expect(found).toEqual(isKept ? RECORD : undefined)
  })
}
