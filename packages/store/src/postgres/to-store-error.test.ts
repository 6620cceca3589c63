import { expect, it } from 'vitest'
import { StoreError } from '../errors.ts'
import { sqlStateOf, toStoreError } from './to-store-error.ts'

/** An error as `pg` makes it from what the server says. */
function serverError(code: string): Error {
  return Object.assign(new Error('it said so'), { code, severity: 'ERROR' })
}

it.each([
  ['22021', 'STORE_FAILED', 'refused'],
  ['23514', 'STORE_FAILED', 'refused'],
  ['54000', 'STORE_FAILED', 'refused'],
  ['40P01', 'STORE_BUSY', 'retry'],
  ['40001', 'STORE_BUSY', 'retry'],
  ['57014', 'STORE_BUSY', 'retry'],
  ['26000', 'STORE_BUSY', 'retry'],
  ['53100', 'STORE_FULL', 'retry'],
  ['53300', 'STORE_UNREACHABLE', 'retry'],
  ['57P01', 'STORE_UNREACHABLE', 'retry'],
  ['25006', 'STORE_UNREACHABLE', 'retry'],
  ['58030', 'STORE_UNREACHABLE', 'retry'],
  ['XX001', 'STORE_UNREACHABLE', 'retry'],
  ['28P01', 'STORE_UNUSABLE', 'closed'],
  ['3D000', 'STORE_UNUSABLE', 'closed'],
  ['42P01', 'STORE_UNUSABLE', 'closed'],
])('takes %s for %s: %s', (sqlState, code, outlook) => {
  const error = toStoreError(serverError(sqlState))
  expect(error).toMatchObject({
    code,
    outlook,
    errcode: sqlState,
    message: expect.stringContaining(`it said so (${sqlState}). `),
  })
})

it('takes an error of the connection, which has no SQLSTATE, for a database out of reach', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  expect(sqlStateOf(reset)).toBeUndefined()
  expect(toStoreError(reset)).toMatchObject({ code: 'STORE_UNREACHABLE', outlook: 'retry', cause: reset })
})

it('leaves an error that is one already as it is', () => {
  const error = new StoreError('STORE_CLOSED', 'closed')
  expect(toStoreError(error)).toBe(error)
})
