import { SignJWT } from 'jose'

export const LEARNER_SECRET = 'a learner secret of the tests that is long enough'

/** What the backend of a product gives to its page. @param life in seconds. */
export function signLearnerToken(sub: string, life = 900): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({ iat: now, exp: now + life })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setAudience('waymark')
    .sign(new TextEncoder().encode(LEARNER_SECRET))
}
