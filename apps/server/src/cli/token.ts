import { SignJWT } from 'jose/jwt/sign'
import { AUDIENCE, LONGEST_LIFE } from '../auth/learner-tokens.ts'
import { ServerError } from '../errors.ts'
import { parseSettings } from '../settings.ts'
import { CliError } from './cli-error.ts'
import { parseSeconds } from './parse-seconds.ts'
import { print, printJson } from './print.ts'

interface TokenOptions {
  readonly learner: string
  readonly ttl: string
  readonly tenant?: string
  readonly account: readonly string[]
  readonly json?: boolean
}

/** `waymark token`: a learner token, signed here with WAYMARK_LEARNER_SECRET; the newest when there are two. */
export async function token({ learner, ttl, tenant, account, json }: TokenOptions): Promise<void> {
  const parsed = parseSettings(['learnerSecret'], process.env, process.cwd())
  if (!parsed.ok) throw new ServerError('SETTINGS_INVALID', parsed.problems)
  const { learnerSecret } = parsed.settings
  if (learnerSecret === undefined) {
    throw new CliError('usage', 'WAYMARK_LEARNER_SECRET is not set. Set it to the secret of the server, at least 32 bytes.')
  }
  if (learnerSecret.kind === 'jwks') {
    throw new CliError(
      'usage',
      'WAYMARK_LEARNER_SECRET is a key set (JWKS): only the identity provider behind it can sign tokens. Get one there.',
    )
  }
  const seconds = parseSeconds('--ttl', ttl, LONGEST_LIFE)
  if (learner === '') throw new CliError('usage', '--learner is empty. Expected the id of the learner.')
  const issuedAt = Math.floor(Date.now() / 1_000)
  const expiresAt = issuedAt + seconds
  const text = await new SignJWT({
    ...(tenant === undefined ? {} : { tenant }),
    ...(account.length === 0 ? {} : { accounts: [...account] }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(learner)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(Buffer.from(learnerSecret.secrets[0] as string))
  if (json) printJson({ token: text, expiresAt: new Date(expiresAt * 1_000).toISOString() })
  else print(text)
}
