import type { Policy } from '@waymark/contract'
import type { Json } from './open-api-document.ts'

/** How a caller may prove who they are. */
export const SECURITY_SCHEMES: Readonly<Record<string, Json>> = {
  secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key `wm_sk_…` of a backend, or the key of an operator.' },
  learnerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A learner token: HS256, `aud` is `waymark`, `sub` the learner, valid for an hour at most.',
  },
  writeKey: {
    type: 'http',
    scheme: 'basic',
    description: 'For event SDKs: a secret key as the user name, no password.',
  },
}

/** Which credentials a policy admits; one of the list is enough. */
export function securityOf({ auth, permissions }: Policy): readonly Readonly<Record<string, readonly string[]>>[] {
  if (auth === 'anonymous') return [{}]
  // A learner token carries no permissions, so it never satisfies a policy that asks for some.
  const admitsLearners = auth === 'user' && (permissions ?? []).length === 0
  return admitsLearners ? [{ learnerToken: [] }, { secretKey: [] }] : [{ secretKey: [] }]
}
