import type { HeaderList } from './respond.ts'

/** Which pages of other origins may read answers, and what they are told. */
export interface Cors {
  /** The answer to a browser that asks before it calls; undefined for every other request. */
  preflight(method: string | undefined, headers: RequestHeaders): Response | undefined
  /** What belongs on an answer besides its own headers. @param vary what the answer varies by already. */
  headersFor(origin: string | undefined, vary: string | null): HeaderList
}

/** The headers of a request, by names in lower case. */
interface RequestHeaders {
  readonly [name: string]: string | readonly string[] | undefined
}

/** Every method that an endpoint takes. */
const METHODS = 'GET, HEAD, POST'
/** What clients read of an answer, beyond what every page may. */
const EXPOSED = [
  'allow',
  'deprecation',
  'idempotency-replayed',
  'link',
  'retry-after',
  'sunset',
  'www-authenticate',
  'x-request-id',
].join(', ')
/** Two hours: the longest time that all browsers remember. */
const REMEMBERED_SECONDS = '7200'

/**
 * Lets pages of exactly these origins call. There are no cookies, so nothing is sent along that a page does not have itself, and a page
 * that may call may send any header.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors(origins: readonly string[]): Cors {
  const admitted = new Set(origins)
  const isAdmitted = (origin: unknown): origin is string => typeof origin === 'string' && admitted.has(origin)
  return {
    preflight(method, headers) {
      const { origin, 'access-control-request-method': wanted, 'access-control-request-headers': sent } = headers
      if (method !== 'OPTIONS' || wanted === undefined || !isAdmitted(origin)) return undefined
      const answer: [string, string][] = [
        ['access-control-allow-methods', METHODS],
        ['access-control-max-age', REMEMBERED_SECONDS],
        ['vary', 'access-control-request-headers'],
      ]
      // Named one by one: a star would not stand for Authorization, and events bring attributes of their own as headers.
      if (typeof sent === 'string' && sent !== '') answer.push(['access-control-allow-headers', sent])
      return new Response(null, { status: 204, headers: answer })
    },
    headersFor(origin, vary) {
      // Also where no page asks: a cache must not give the answer for one origin to another.
      const varies = ['vary', vary === null ? 'origin' : `${vary}, origin`] as const
      if (!isAdmitted(origin)) return [varies]
      return [varies, ['access-control-allow-origin', origin], ['access-control-expose-headers', EXPOSED]]
    },
  }
}
