import { invoke } from '@waymark/contract'
import { authenticate } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceCaller, toAnswer } from './surface-call.ts'

/** No surface: what the pipeline itself answers. */
export const pipelineCaller: SurfaceCaller = {
  name: 'the pipeline',
  async call({ runtime }, { id, input, as, idempotencyKey }) {
    const headers = as === undefined ? {} : { authorization: `Bearer ${as}` }
    const principal = await authenticate(new Request('http://shop.test', { headers }))
    const inputBytes = Buffer.byteLength(JSON.stringify(input))
    const result = await invoke(runtime, id, input, {
      principal,
      channel: 'rest',
      inputBytes,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    })
    if (!result.ok) return toAnswer(result.problem)
    if (typeof result.data !== 'object' || result.data === null || !(Symbol.asyncIterator in result.data))
      return { ok: true, data: result.data }
    const items: unknown[] = []
    for await (const item of result.data as AsyncIterable<unknown>) items.push(item)
    return { ok: true, data: items }
  },
}
