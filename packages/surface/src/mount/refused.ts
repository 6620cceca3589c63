import { refusalResponse } from '../rest/respond.ts'
import type { Refusal } from '../rest/wire-input.ts'

/** The answer to a request that is not handed over. */
export function refused(refusal: Refusal): Response {
  const requestId = crypto.randomUUID()
  return refusalResponse(refusal, requestId, [['x-request-id', requestId]])
}
