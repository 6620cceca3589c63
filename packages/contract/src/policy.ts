import type { Policy } from './contract.ts'
import { valueAt } from './pointer.ts'
import { hasScope, type Principal } from './principal.ts'

/** Why a call is refused. */
export type DenyReason = 'UNAUTHENTICATED' | 'SUBJECT_MISMATCH' | 'SCOPE_MISSING' | 'NOT_ADMITTED'

export type Decision = { readonly allow: true } | { readonly allow: false; readonly reason: DenyReason; readonly detail: string }

const ALLOW: Decision = { allow: true }

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
  const { auth } = policy
  if (auth === 'anonymous') return ALLOW
  switch (principal.kind) {
    case 'anonymous':
      return deny('UNAUTHENTICATED', 'This operation needs a credential: send `Authorization: Bearer <key or learner token>`.')
    case 'learner': {
      if (auth !== 'user')
        return deny('NOT_ADMITTED', `A learner token does not admit to ${operation}; it takes a ${auth} credential.`)
      if (policy.permissions?.length)
        return deny('SCOPE_MISSING', `Needs the permissions ${policy.permissions.join(', ')}; a learner token has none.`)
      if (subject !== null && valueAt(input, subject) !== principal.id) {
        return deny('SUBJECT_MISMATCH', `The token speaks for another person than ${subject} names.`)
      }
      return ALLOW
    }
    case 'service':
      return auth === 'operator'
        ? deny('NOT_ADMITTED', `${operation} takes an operator credential.`)
        : scoped(policy, operation, principal.scopes)
    case 'operator':
      return scoped(policy, operation, principal.scopes)
  }
}

function scoped(policy: Policy, operation: string, scopes: readonly string[]): Decision {
  const missing = [operation, ...(policy.permissions ?? [])].filter((name) => !hasScope(scopes, name))
  return missing.length === 0 ? ALLOW : deny('SCOPE_MISSING', `The credential lacks the scope ${missing.join(', ')}.`)
}

function deny(reason: DenyReason, detail: string): Decision {
  return { allow: false, reason, detail }
}
