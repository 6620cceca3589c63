import type { InvalidCredential, LearnerPrincipal } from '@waymark/contract'
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import type { LearnerSecret } from '../settings.ts'
import { DEFAULT_TENANT } from './default-tenant.ts'

/** Checks the tokens by which learners call. */
export interface LearnerTokens {
  /** Never rejects: whatever is wrong becomes a detail that gives nothing away about keys. */
  verify(token: string): Promise<LearnerPrincipal | InvalidCredential>
}

/** The audience that every learner token names. */
export const AUDIENCE = 'waymark'
/** The longest life of a learner token, in seconds. */
export const LONGEST_LIFE = 3_600

const LONGEST_TOKEN = 4_096
const CLOCK_SKEW = 30
const CHECKS: JWTVerifyOptions = {
  audience: AUDIENCE,
  requiredClaims: ['sub', 'exp'],
  // Also makes `iat` mandatory, and refuses one in the future: exp − iat alone would admit a token of any date.
  maxTokenAge: LONGEST_LIFE,
  clockTolerance: CLOCK_SKEW,
}

interface Verifier {
  /** Tried in turn: two secrets are live while one is rotated out. */
  readonly keys: readonly (Uint8Array | JWTVerifyGetKey)[]
  readonly algorithms: string[]
}

/**
 * Verifies learner tokens against secrets (HS256 only) or a key set (RS256, ES256, EdDSA only). What a token says about its key
 * (`jwk`, `jku`, `x5u`, `x5c`) is never used; `kid` only chooses within the key set that was configured.
 * @param onTrouble told when a token could not be checked, for example because the key set cannot be fetched.
 */
export function createLearnerTokens(
  secret: LearnerSecret | undefined,
  onTrouble: (error: unknown) => void = () => {},
): LearnerTokens {
  let verifier: Promise<Verifier> | undefined
  return {
    async verify(token) {
      if (secret === undefined) return refused('This server takes no learner tokens: WAYMARK_LEARNER_SECRET is not set.')
      if (token.length > LONGEST_TOKEN) {
        return refused(`The learner token has ${token.length} characters; at most ${LONGEST_TOKEN} are read.`)
      }
      if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) {
        return refused('The credential is neither a secret key (wm_sk_…) nor a learner token (a signed JWT).')
      }
      verifier ??= toVerifier(secret)
      return verify(token, await verifier, onTrouble)
    },
  }
}

async function toVerifier(secret: LearnerSecret): Promise<Verifier> {
  if (secret.kind === 'secrets') return { keys: secret.secrets.map((text) => Buffer.from(text)), algorithms: ['HS256'] }
  const { createRemoteJWKSet } = await import('jose/jwks/remote')
  return { keys: [createRemoteJWKSet(new URL(secret.url))], algorithms: ['RS256', 'ES256', 'EdDSA'] }
}

async function verify(
  token: string,
  { keys, algorithms }: Verifier,
  onTrouble: (error: unknown) => void,
): Promise<LearnerPrincipal | InvalidCredential> {
  const { jwtVerify } = await import('jose/jwt/verify')
  let failure: unknown
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, { ...CHECKS, algorithms })
      return toPrincipal(payload)
    } catch (error) {
      failure = error
      if (codeOf(error) !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') break
    }
  }
  const detail = detailOf(failure, algorithms)
  if (detail !== undefined) return refused(detail)
  onTrouble(failure)
  return refused('The learner token could not be checked. Try again.')
}

/** What is said of the errors of the JWT library; its own messages are not passed on. */
const DETAILS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The learner token has expired. Get a new one from your backend.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED:
    'The signature of the learner token is not valid. Sign it with the secret that this server has.',
  ERR_JWKS_NO_MATCHING_KEY: 'No key of the key set signed the learner token.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'Several keys of the key set fit the learner token. Give it a kid.',
  ERR_JWS_INVALID: 'The learner token is damaged.',
  ERR_JWT_INVALID: 'The learner token is damaged.',
  ERR_JOSE_NOT_SUPPORTED: 'The learner token uses an extension that is not supported.',
}

/** Undefined when it is not the token that is wrong. */
function detailOf(error: unknown, algorithms: readonly string[]): string | undefined {
  const code = codeOf(error)
  if (code === 'ERR_JOSE_ALG_NOT_ALLOWED') return `The learner token has to be signed with ${algorithms.join(', ')}.`
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    const { claim, reason } = error as { readonly claim: string; readonly reason: string }
    if (reason === 'missing') return `The learner token lacks the claim ${claim}.`
    return claim === 'aud'
      ? `The claim aud of the learner token has to be ${AUDIENCE}.`
      : `The claim ${claim} of the learner token is not valid.`
  }
  return code === undefined ? undefined : DETAILS[code]
}

function toPrincipal(claims: JWTPayload): LearnerPrincipal | InvalidCredential {
  const { sub, exp = 0, iat = 0, tenant = DEFAULT_TENANT, accounts, anonymous_id: anonymousId } = claims
  if (exp - iat > LONGEST_LIFE) {
    return refused(`The learner token lives ${exp - iat} seconds; at most ${LONGEST_LIFE} are allowed between iat and exp.`)
  }
  if (!isId(sub)) return refused('The claim sub of the learner token has to be text of 1 to 256 bytes.')
  if (typeof tenant !== 'string' || !/^[A-Za-z0-9][\w./-]{0,127}$/.test(tenant)) {
    return refused('The claim tenant of the learner token has to be a name such as acme or acme/test.')
  }
  if (accounts !== undefined && !(Array.isArray(accounts) && accounts.every(isId))) {
    return refused('The claim accounts of the learner token has to be a list of account ids.')
  }
  if (anonymousId !== undefined && !isId(anonymousId)) {
    return refused('The claim anonymous_id of the learner token has to be text of 1 to 256 bytes.')
  }
  const expiresAt = (exp + CLOCK_SKEW) * 1_000
  return { kind: 'learner', tenant, id: sub, expiresAt, ...(accounts && { accounts }), ...(anonymousId && { anonymousId }) }
}

function isId(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 256 && value.isWellFormed() && !value.includes('\0')
  )
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

function refused(detail: string): InvalidCredential {
  return { kind: 'invalid', detail }
}
