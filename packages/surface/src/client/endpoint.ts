import type { CallFailure } from './call-result.ts'
import type { ClientContract } from './client-contract.ts'
import type { ClientOptions } from './client-options.ts'
import type { StopWatch } from './stop-watch.ts'

/** One operation of one server. */
export interface Endpoint {
  readonly contract: ClientContract
  /** The major is a part of the path: `/v1/learning/onboarding/recordEvent`. */
  readonly address: string
  readonly options: ClientOptions
}

/** Why an attempt did not do. */
export interface Failed {
  readonly ok: false
  readonly error: CallFailure | (AnyProblem & { readonly status: number })
  /** Whether trying again is safe and may help. */
  readonly retry: boolean
  /** How long the server asks to wait, in milliseconds. */
  readonly askedMs: number
}

/** A problem as it came; the contract says what its data is. */
export interface AnyProblem {
  readonly code: string
  readonly detail: string
  readonly retryAfter?: number
}

/** Sends a request. Everything goes by POST: an input in an address would end in logs. */
export async function send(
  { address, options }: Endpoint,
  body: string,
  headers: Readonly<Record<string, string>>,
  watch: StopWatch,
): Promise<{ readonly ok: true; readonly response: Response } | Failed> {
  let credential: string | undefined
  try {
    credential = typeof options.credential === 'function' ? await watch.race(askFor(options.credential)) : options.credential
  } catch (cause) {
    return (
      stopped(watch) ??
      failure('CREDENTIAL_FAILED', `The function that gives the credential failed: ${messageOf(cause)}`, { cause })
    )
  }
  try {
    const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
    const all = { 'content-type': 'application/json', ...headers, ...authorization }
    const request = options.fetch ?? fetch
    return {
      ok: true,
      response: await watch.race(request(address, { method: 'POST', headers: all, body, signal: watch.signal })),
    }
  } catch (cause) {
    return stopped(watch) ?? unreachable(address, cause)
  }
}

async function askFor(credential: () => string | Promise<string>): Promise<string> {
  return credential()
}

/** The failure of an attempt that was ended from this side; undefined when it was not. */
export function stopped(watch: StopWatch): Failed | undefined {
  const cause = watch.cause()
  if (cause === 'caller') return { ...failure('CALL_ABORTED', 'The call was aborted by its signal.'), retry: false }
  return cause === 'time' ? failure('CALL_TIMED_OUT', 'There was no whole answer in time.') : undefined
}

export function unreachable(address: string, cause: unknown): Failed {
  return failure('SERVER_UNREACHABLE', `${address} gave no answer: ${messageOf(cause)}`, { cause })
}

/** A failure that another attempt may mend. */
export function failure(code: CallFailure['code'], detail: string, more: Omit<CallFailure, 'code' | 'detail'> = {}): Failed {
  return { ok: false, error: { code, detail, ...more }, retry: true, askedMs: 0 }
}

/** What was thrown, with the reason behind it, which is where fetch puts the one that helps. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.cause === undefined ? thrown.message : `${thrown.message} (${messageOf(thrown.cause)})`
}
