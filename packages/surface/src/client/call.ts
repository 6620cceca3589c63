import type { CallMeta } from './call-result.ts'
import type { CallOptions } from './client-options.ts'
import { type Endpoint, type Failed, send, stopped, unreachable } from './endpoint.ts'
import { pauseAfter, sleep } from './pause.ts'
import { deprecationOf, readAnswer } from './read-answer.ts'
import { startStopWatch } from './stop-watch.ts'

type Answer = { readonly ok: true; readonly data: unknown; readonly meta: CallMeta } | Failed
export type AnyResult = Extract<Answer, { ok: true }> | Pick<Failed, 'ok' | 'error'>

/**
 * Calls an operation that answers once, and again while that is safe, may help, and there is time. Queries change nothing; all attempts of
 * a command have one idempotency key.
 */
export async function call(endpoint: Endpoint, input: unknown = {}, options: CallOptions = {}): Promise<AnyResult> {
  const { contract } = endpoint
  const { timeoutMs = 60_000, attemptTimeoutMs = 20_000, retries = 3, onRetry } = { ...endpoint.options, ...options }
  const { signal, idempotencyKey = retries > 0 ? randomKey() : undefined } = options
  const headers: Record<string, string> = { accept: 'application/json' }
  if (contract.kind === 'command' && idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  const body = JSON.stringify(input)
  const end = performance.now() + timeoutMs
  for (let attempts = 1; ; attempts++) {
    const timeLeft = end - performance.now()
    const answer = await attempt(endpoint, body, headers, attempts, Math.min(attemptTimeoutMs, timeLeft), signal)
    if (answer.ok) return answer
    const { error, retry, askedMs } = answer
    const pauseMs = pauseAfter(attempts, askedMs)
    if (!retry || attempts > retries || performance.now() + pauseMs >= end) return { ok: false, error }
    onRetry?.({ operation: contract.meta.key, error, attempts, pauseMs })
    await sleep(pauseMs, signal)
  }
}

async function attempt(
  endpoint: Endpoint,
  body: string,
  headers: Readonly<Record<string, string>>,
  attempts: number,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const watch = startStopWatch(signal)
  watch.set(milliseconds)
  try {
    const sent = await send(endpoint, body, headers, watch)
    if (!sent.ok) return sent
    const { response } = sent
    const answer = await watch.race(readAnswer(response, endpoint.contract))
    return answer.ok ? { ...answer, meta: metaOf(response, attempts) } : answer
  } catch (cause) {
    // The connection broke inside the answer.
    return stopped(watch) ?? unreachable(endpoint.address, cause)
  } finally {
    watch.close()
  }
}

export function metaOf(response: Response, attempts: number): CallMeta {
  const { headers } = response
  return {
    requestId: headers.get('x-request-id'),
    replayed: headers.get('idempotency-replayed') === 'true',
    attempts,
    deprecation: deprecationOf(response),
  }
}

/** 128 random bits; `crypto.randomUUID` is missing on pages without TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
