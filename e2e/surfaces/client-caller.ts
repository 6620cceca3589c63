import { stripTypeScriptTypes } from 'node:module'
import type { Problem } from '@waymark/contract'
import { type CallResult, type ClientContract, createClient } from '@waymark/surface/client'
import { emitClient } from '@waymark/surface/emit-client'
import { registry } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceCaller, toAnswer } from './surface-call.ts'

/** The typed client, made of the contracts themselves. */
export const clientCaller: SurfaceCaller = callerOf(
  'the client of contracts',
  registry.operations.map(({ operation }) => operation),
)

const emitted = await import(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(emitClient(registry)))}`)

/** The typed client, made of what was emitted of the contracts. */
export const emittedClientCaller: SurfaceCaller = callerOf('the client of emitted types', emitted.contracts)

type AnyResult = CallResult<unknown, Pick<Problem, 'code' | 'detail'>>
type AnyCall = (input: unknown, options: object) => Promise<AnyResult> & AsyncIterable<AnyResult>

function callerOf(name: string, contracts: readonly ClientContract[]): SurfaceCaller {
  return {
    name,
    async call({ rest }, { id, input, as, idempotencyKey, items }) {
      const fetch = (url: string, init: RequestInit) => rest.fetch(new Request(url, init))
      const contract = contracts.find(({ meta }) => `${meta.key}@${meta.version}` === id) as ClientContract
      // Each attempt would move the counters of the fixture.
      const options = { url: 'http://shop.test', fetch, retries: 0, ...(as === undefined ? {} : { credential: as }) }
      const client: unknown = createClient(options, [contract])
      const { key, version } = contract.meta
      const path = version.startsWith('2.') ? `${key}V2` : key
      const call = path.split('.').reduce((branch, part) => (branch as Record<string, unknown>)[part], client) as AnyCall
      const calling = call(input, idempotencyKey === undefined ? {} : { idempotencyKey })
      if (!(Symbol.asyncIterator in calling)) return answerOf(await (calling as Promise<AnyResult>))
      const data: unknown[] = []
      for await (const result of calling) {
        if (!result.ok) return answerOf(result)
        data.push(result.data)
      }
      if (items === undefined) throw new Error('The stream ended, and nobody ended it.')
      return { ok: true, data }
    },
  }
}

function answerOf(result: AnyResult) {
  return result.ok ? { ok: true as const, data: result.data } : toAnswer(result.error as Problem)
}
