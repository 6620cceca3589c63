/** A person, calling with a learner token. */
export interface LearnerPrincipal {
  readonly kind: 'learner'
  readonly tenant: string
  /** The learner's id: `sub` of the token. */
  readonly id: string
  readonly accounts?: readonly string[]
  readonly anonymousId?: string
  /** When the token stops being valid, in epoch milliseconds: a stream does not outlive it. */
  readonly expiresAt?: number
}

/** A backend, calling with a secret key. A scope is an operation key, a prefix such as `learning.onboarding.*`, or `*`. */
export interface ServicePrincipal {
  readonly kind: 'service'
  readonly tenant: string
  /** The id of the key, never the key itself. */
  readonly id: string
  readonly scopes: readonly string[]
}

/** A person of the team that runs the product. */
export interface OperatorPrincipal {
  readonly kind: 'operator'
  readonly tenant: string
  readonly id: string
  readonly scopes: readonly string[]
}

/** No credential was sent. */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous'
  readonly tenant: string
}

/** A credential was sent and is not valid: every operation answers 401. */
export interface InvalidCredential {
  readonly kind: 'invalid'
  /** Why, in words that give nothing away about keys. */
  readonly detail: string
}

/** Who calls. The tenant comes from the credential only. */
export type Principal = LearnerPrincipal | ServicePrincipal | OperatorPrincipal | AnonymousPrincipal

/** True when one of the scopes covers the name: equal, a `prefix.*`, or `*`. */
export function hasScope(scopes: readonly string[], name: string): boolean {
  return scopes.some((scope) => scope === '*' || scope === name || (scope.endsWith('.*') && name.startsWith(scope.slice(0, -1))))
}
