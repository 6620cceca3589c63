import type { Policy } from './contract.ts'
import { valueAt } from './pointer.ts'
import { hasScope, type Principal } from './principal.ts'

/** Why a call is refused. */
export type DenyReason = 'UNAUTHENTICATED' | 'SUBJECT_MISMATCH' | 'SCOPE_MISSING' | 'NOT_ADMITTED'

export type Decision = { readonly allow: true } | { readonly allow: false; readonly reason: DenyReason; readonly detail: string }

const ALLOW: Decision = { allow: true }
const NONE: readonly string[] = []

/** The kinds of callers that each level admits; `anonymous` admits all of them. */
const ADMITTED: ReadonlyMap<Policy['auth'], readonly Principal['kind'][]> = new Map([
  ['user', ['learner', 'service', 'operator']],
  ['service', ['service', 'operator']],
  ['operator', ['operator']],
])

/**
 * The one authorisation decision, pure: the same policy, principal and input always give the same answer.
 * Everything that is not admitted here is refused.
 * @param operation key of the operation, which a service or operator needs a scope for.
 * @param subject pointer of the input that names the person; null when the input names nobody.
 */
export function decide(
  policy: Policy,
  operation: string,
  subject: string | null,
  principal: Principal,
  input: unknown,
): Decision {
  const { auth, permissions = NONE } = policy
  if (auth === 'anonymous') return ALLOW
  if (principal.kind === 'anonymous') {
    return deny('UNAUTHENTICATED', 'This operation needs a credential: send `Authorization: Bearer <key or learner token>`.')
  }
  if (!ADMITTED.get(auth)?.includes(principal.kind)) {
    return deny('NOT_ADMITTED', `${operation} does not admit a ${principal.kind} credential; it takes a ${auth} credential.`)
  }
  if (principal.kind !== 'learner') {
    const { scopes } = principal
    const lacks = (name: string) => !hasScope(scopes, name)
    if (!lacks(operation) && !permissions.some(lacks)) return ALLOW
    const missing = [operation, ...permissions].filter(lacks)
    return deny('SCOPE_MISSING', `The credential lacks the scope ${missing.join(', ')}.`)
  }
  if (permissions.length > 0) {
    return deny('SCOPE_MISSING', `Needs the permissions ${permissions.join(', ')}; a learner token has none.`)
  }
  if (subject !== null && valueAt(input, subject) !== principal.id) {
    return deny('SUBJECT_MISMATCH', `The token speaks for another person than ${subject} names.`)
  }
  return ALLOW
}

function deny(reason: DenyReason, detail: string): Decision {
  return { allow: false, reason, detail }
}
