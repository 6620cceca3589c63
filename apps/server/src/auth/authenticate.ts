import { hash, timingSafeEqual } from 'node:crypto'
import type { InvalidCredential, Principal } from '@waymark/contract'
import { DEFAULT_TENANT } from './default-tenant.ts'
import type { LearnerTokens } from './learner-tokens.ts'

/**
 * Says who sends a request, by its Authorization header alone: the secret key as Bearer or as the user of Basic (event SDKs), or a
 * learner token as Bearer. The tenant comes from the credential.
 */
export function createAuthenticate(
  secretKey: string,
  tokens: LearnerTokens,
): (request: Request) => Promise<Principal | InvalidCredential> {
  const expected = sha256(secretKey)
  const id = `sk-${expected.toString('hex', 0, 4)}`

  function byKey(key: string): Principal | InvalidCredential {
    if (timingSafeEqual(sha256(key), expected)) return { kind: 'service', tenant: DEFAULT_TENANT, id, scopes: ['*'] }
    return refused('The secret key is not one of this server. Compare it with WAYMARK_SECRET_KEY or .waymark/key of the server.')
  }

  return async (request) => {
    const header = request.headers.get('authorization')
    if (header === null) return { kind: 'anonymous', tenant: DEFAULT_TENANT }
    const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+)$/.exec(header) ?? []
    switch (scheme.toLowerCase()) {
      case 'bearer':
        if (value.startsWith('wm_sk_')) return byKey(value)
        if (value.startsWith('wm_')) return refused('Only keys that start with wm_sk_ may call; this one has another prefix.')
        return tokens.verify(value)
      case 'basic': {
        const user = Buffer.from(value, 'base64').toString().split(':', 1)[0] as string
        return user.startsWith('wm_sk_')
          ? byKey(user)
          : refused('Basic credentials need the secret key (wm_sk_…) as the user name, and no password.')
      }
      default:
        return refused('Expected `Authorization: Bearer <key or learner token>`, or Basic with the key as the user name.')
    }
  }
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function refused(detail: string): InvalidCredential {
  return { kind: 'invalid', detail }
}
