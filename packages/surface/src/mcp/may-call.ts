import { decide, type OperationEntry, type Principal } from '@waymark/contract'

/** True when some input exists with which the caller may call the operation: by level and scopes, whomever it is about. */
export function mayCall(principal: Principal, { operation: { policy, meta } }: OperationEntry): boolean {
  return decide(policy, meta.key, null, principal, undefined).allow
}
