import type { Problem } from '@waymark/contract'
import { registry } from '../../packages/surface/test-support/fixture.ts'
import { type SurfaceCaller, toAnswer } from './surface-call.ts'

/** Everything by POST, with a body. */
export const restCaller: SurfaceCaller = {
  name: 'REST',
  call: ({ rest }, { id, input, as, idempotencyKey }) => {
    const body = JSON.stringify(input)
    const headers = { ...headersOf(as, idempotencyKey), 'content-type': 'application/json' }
    return answerOf(rest.fetch(new Request(`http://shop.test${pathOf(id)}`, { method: 'POST', headers, body })))
  },
}

/** Queries by GET, with a query string; commands by POST. */
export const restGetCaller: SurfaceCaller = {
  name: 'REST, queries by GET',
  call: (fixture, call) => {
    const { id, input, as, idempotencyKey } = call
    if (registry.operation(id)?.operation.kind !== 'query') return restCaller.call(fixture, call)
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(input as Record<string, unknown>))
      for (const one of isList(value) ? value : [value]) query.append(name, typeof one === 'string' ? one : JSON.stringify(one))
    const url = `http://shop.test${pathOf(id)}?${query}`
    return answerOf(fixture.rest.fetch(new Request(url, { headers: headersOf(as, idempotencyKey) })))
  },
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}

function pathOf(id: string): string {
  const [key = '', version = '1'] = id.split('@')
  return `/v${version.split('.')[0]}/${key.replaceAll('.', '/')}`
}

function headersOf(as: string | undefined, idempotencyKey: string | undefined): Record<string, string> {
  return {
    accept: 'application/json, application/x-ndjson',
    ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  }
}

async function answerOf(answering: Promise<Response>) {
  const response = await answering
  const text = await response.text()
  if (response.headers.get('content-type')?.startsWith('application/x-ndjson')) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return { ok: true as const, data: lines.map((line) => JSON.parse(line) as unknown) }
  }
  return response.ok ? { ok: true as const, data: JSON.parse(text) as unknown } : toAnswer(JSON.parse(text) as Problem)
}
