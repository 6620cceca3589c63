import { expect, it } from 'vitest'
import type { Harness } from './harness.ts'
import { ada, derived, entry, fact, factsWhenThere, record, rejected, stateWrite, trackVersion } from './rows.ts'

export function lifecycleCases({ open, reopen }: Harness): void {
  it('closes with a round open: the round is undone, what waits and what comes later is refused', async () => {
    const store = await open()
    const round = await store.append([entry()], [ada])
    const closed = { code: 'STORE_CLOSED' }
    const waiting = store.maxRounds === 1 ? expect(store.append([entry()], [])).rejects.toMatchObject(closed) : undefined
    await store.close()
    await waiting
    await expect(round.commit(derived())).rejects.toMatchObject(closed)
    await expect(store.append([entry()], [])).rejects.toMatchObject(closed)
    await expect(store.readState(ada)).rejects.toMatchObject(closed)
    await expect(store.unitOfWork.run('acme', (tx) => tx.idempotency.find('scope', 1))).rejects.toMatchObject(closed)
    await expect(store.putTrackVersion(trackVersion())).rejects.toMatchObject(closed)
    if (reopen !== undefined) expect(await (await reopen(store)).readEntries(ada)).toEqual([])
  })

  it('lets a round be rolled back after the store was closed', async () => {
    const store = await open()
    const round = await store.append([entry()], [ada])
    await store.close()
    await round.rollback()
  })

  it('may be closed twice', async () => {
    const store = await open()
    await Promise.all([store.close(), store.close()])
    await store.close()
  })

  it('finds everything again after it was closed and opened', async ({ skip }) => {
    if (reopen === undefined) return skip('the adapter gives no reopen: it keeps nothing past close')
    const store = await open()
    const derive = () => ({ states: [stateWrite(ada, 0, 1, 2)], facts: [fact()], rejected: [rejected()] })
    await record(store, [entry()], [ada], derive)
    await store.putTrackVersion(trackVersion())
    await store.unitOfWork.run('acme', (tx) => tx.idempotency.keep('scope', { inputHash: 'h', answer: '1' }, 20))
    const [first] = await factsWhenThere(store, 'acme', 1)
    await store.close()

    const again = await reopen(store)
    expect(await again.readEntries(ada)).toEqual([entry()])
    expect(await again.readState(ada)).toEqual(Uint8Array.of(1, 2))
    expect(await again.readFacts({ tenant: 'acme', limit: 10 })).toEqual([first])
    expect(await again.readRejected({ tenant: 'acme', limit: 10 })).toEqual([rejected()])
    expect(await again.readTrackVersions()).toEqual([trackVersion()])
    expect(await again.unitOfWork.run('acme', (tx) => tx.idempotency.find('scope', 10))).toBeDefined()
    const round = await record(again, [entry()], [ada], () => ({ facts: [fact(), fact({ factId: 'f2' })] }))
    expect(round).toMatchObject({ outcomes: ['duplicate'], states: [{ version: 1, hasHistory: true }] })
    const facts = await factsWhenThere(again, 'acme', 2)
    expect(facts[1]?.position).toBeGreaterThan(first?.position ?? Number.NaN)
  })
}
