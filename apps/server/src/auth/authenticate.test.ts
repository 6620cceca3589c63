import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LearnerSecret } from '../settings.ts'
import { createAuthenticate } from './authenticate.ts'
import { createLearnerTokens } from './learner-tokens.ts'

const KEY = 'wm_sk_0123456789abcdefghijklmnop'
const SECRET = 'the-new-secret-of-at-least-32-bytes'
const OLD_SECRET = 'the-old-secret-of-at-least-32-bytes'
const now = () => Math.floor(Date.now() / 1_000)
const bytes = (text: string) => Buffer.from(text)

let rsa: CryptoKeyPair
beforeAll(async () => {
  rsa = await generateKeyPair('RS256', { extractable: true })
})

function withHeader(
  authorization: string | undefined,
  secret: LearnerSecret | undefined = { kind: 'secrets', secrets: [SECRET, OLD_SECRET] },
) {
  const tokens = createLearnerTokens(secret, (error) => expect.fail(`reported as trouble: ${error}`))
  const authenticate = createAuthenticate(KEY, tokens)
  const headers: [string, string][] = authorization === undefined ? [] : [['authorization', authorization]]
  return authenticate(new Request('http://localhost/', { headers }))
}

const withToken = async (token: string | Promise<string>, secret?: LearnerSecret) => withHeader(`Bearer ${await token}`, secret)

function sign(claims: JWTPayload = {}, { header = {}, key = bytes(SECRET) as Uint8Array | CryptoKey } = {}): Promise<string> {
  const payload = { sub: 'ada', aud: 'waymark', iat: now(), exp: now() + 900, ...claims }
  for (const [name, value] of Object.entries(payload)) if (value === undefined) delete payload[name as never]
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', ...header }).sign(key)
}

describe('the secret key', () => {
  const service = { kind: 'service', tenant: 'default', id: expect.stringMatching(/^sk-[0-9a-f]{8}$/), scopes: ['*'] }

  it.each([
    `Bearer ${KEY}`,
    `bearer  ${KEY}`,
    `Basic ${btoa(`${KEY}:`)}`,
    `Basic ${btoa(`${KEY}:anything`)}`,
    `Basic ${btoa(KEY)}`,
  ])('is a service with every scope, sent as %s', async (header) => {
    expect(await withHeader(header)).toEqual(service)
  })

  it.each([
    [`Bearer ${KEY}x`, /not one of this server/],
    [`Bearer wm_sk_${'x'.repeat(26)}`, /not one of this server/],
    [`Bearer wm_pk_${'x'.repeat(26)}`, /wm_sk_/],
    [`Basic ${btoa(`ada:${KEY}`)}`, /as the user name/],
    ['Basic ???', /as the user name/],
    [`Digest ${KEY}`, /Expected `Authorization: Bearer/],
    [KEY, /Expected `Authorization: Bearer/],
    ['Bearer', /Expected `Authorization: Bearer/],
    [`Bearer ${KEY} ${KEY}`, /Expected `Authorization: Bearer/],
  ])('is refused as %s', async (header, detail) => {
    const principal = await withHeader(header)
    expect(principal).toEqual({ kind: 'invalid', detail: expect.stringMatching(detail) })
    expect(JSON.stringify(principal)).not.toContain(KEY)
  })

  it('is not needed to be anonymous', async () => {
    expect(await withHeader(undefined)).toEqual({ kind: 'anonymous', tenant: 'default' })
  })
})

describe('a learner token', () => {
  it('names the learner, the tenant, the accounts and the anonymous id, and how long it is taken', async () => {
    const exp = now() + 900
    const expiresAt = (exp + 30) * 1_000
    expect(await withToken(sign({ exp }))).toEqual({ kind: 'learner', tenant: 'default', id: 'ada', expiresAt })
    const claims = { tenant: 'acme/test', accounts: ['a1', 'a2'], anonymous_id: 'anon-1', exp }
    expect(await withToken(sign(claims))).toEqual({
      kind: 'learner',
      tenant: 'acme/test',
      id: 'ada',
      accounts: ['a1', 'a2'],
      anonymousId: 'anon-1',
      expiresAt,
    })
  })

  it('may be signed with either of two secrets, live an hour, and be off by half a minute', async () => {
    const learner = { kind: 'learner' }
    expect(await withToken(sign({}, { key: bytes(OLD_SECRET) }))).toMatchObject(learner)
    expect(await withToken(sign({ exp: now() + 3_600 }))).toMatchObject(learner)
    expect(await withToken(sign({ iat: now() - 900, exp: now() - 20 }))).toMatchObject(learner)
    expect(await withToken(sign({ iat: now() + 20 }))).toMatchObject(learner)
    expect(await withToken(sign({ aud: ['other', 'waymark'] }))).toMatchObject(learner)
  })

  const refusals: readonly [name: string, token: () => string | Promise<string>, detail: RegExp][] = [
    [
      'is not signed',
      () => new UnsecuredJWT({ sub: 'ada', aud: 'waymark', iat: now(), exp: now() + 900 }).encode(),
      /signed with HS256/,
    ],
    ['is signed with a private key', () => sign({}, { header: { alg: 'RS256' }, key: rsa.privateKey }), /signed with HS256/],
    [
      'is signed with another HMAC',
      () => sign({}, { header: { alg: 'HS512' }, key: bytes(SECRET.repeat(2)) }),
      /signed with HS256/,
    ],
    ['is signed with another secret', () => sign({}, { key: bytes('x'.repeat(40)) }), /signature/],
    [
      'brings its own key',
      () =>
        sign(
          {},
          {
            key: bytes('x'.repeat(40)),
            header: { jwk: { kty: 'oct', k: btoa('x'.repeat(40)) }, jku: 'https://evil.example/', kid: '../x' },
          },
        ),
      /signature/,
    ],
    [
      'asks for an unknown extension',
      () => sign({}, { header: { crit: ['exp'], exp: 1 } }).catch(() => toToken({ alg: 'HS256', crit: ['b64'], b64: false })),
      /extension|damaged|signature/,
    ],
    ['has expired', () => sign({ iat: now() - 900, exp: now() - 60 }), /has expired/],
    ['lives longer than an hour', () => sign({ exp: now() + 3_601 }), /3601 seconds/],
    ['was issued too long ago', () => sign({ iat: now() - 7_200, exp: now() + 60 }), /has expired|seconds/],
    ['comes from the future', () => sign({ iat: now() + 86_400, exp: now() + 87_000 }), /claim iat/],
    ['is not valid yet', () => sign({ nbf: now() + 600 }), /claim nbf/],
    ['has no exp', () => sign({ exp: undefined as never }), /lacks the claim exp/],
    ['has no iat', () => sign({ iat: undefined as never }), /lacks the claim iat/],
    ['has no sub', () => sign({ sub: undefined as never }), /lacks the claim sub/],
    ['has no aud', () => sign({ aud: undefined as never }), /lacks the claim aud/],
    ['is for another audience', () => sign({ aud: 'elsewhere' }), /aud .* has to be waymark/],
    ['has an empty sub', () => sign({ sub: '' }), /claim sub/],
    ['has a sub that no database stores', () => sign({ sub: 'a\0b' }), /claim sub/],
    ['has a sub of 257 bytes', () => sign({ sub: 'é'.repeat(129) }), /claim sub/],
    ['names the tenant of all tenants', () => sign({ tenant: '*' }), /claim tenant/],
    ['names a tenant that is no text', () => sign({ tenant: 7 }), /claim tenant/],
    ['has accounts that are no list', () => sign({ accounts: 'a1' }), /claim accounts/],
    ['has an anonymous_id that is no text', () => sign({ anonymous_id: 1 }), /claim anonymous_id/],
    ['is larger than 4,096 characters', () => sign({ filler: 'x'.repeat(4_000) }), /at most 4096/],
    ['is no token', () => 'hello', /neither a secret key/],
    ['has a damaged payload', () => 'eyJhbGciOiJIUzI1NiJ9.AAAA.AAAA', /signature|damaged/],
    ['has a header that is no JSON', () => 'AAAA.AAAA.AAAA', /damaged/],
  ]
  it.each(refusals)('is refused when it %s', async (_, token, detail) => {
    const text = await token()
    const principal = await withToken(text)
    expect(principal).toEqual({ kind: 'invalid', detail: expect.stringMatching(detail) })
    expect(JSON.stringify(principal)).not.toContain(SECRET)
  })

  it('is refused when the server has no secret for it', async () => {
    const tokens = createLearnerTokens(undefined)
    expect(await tokens.verify(await sign())).toEqual({
      kind: 'invalid',
      detail: expect.stringContaining('WAYMARK_LEARNER_SECRET is not set'),
    })
  })
})

describe('a learner token of a key set', () => {
  async function serveKeys(keys: readonly object[]): Promise<LearnerSecret> {
    const server = createServer((_, response) => response.end(JSON.stringify({ keys })))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
    })
    return { kind: 'jwks', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json` }
  }

  it('is taken when a key of the set signed it, and no other is', async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
    const secret = await serveKeys([jwk])
    const signed = (header: object, key: Uint8Array | CryptoKey) => withToken(sign({}, { header, key }), secret)
    expect(await signed({ alg: 'RS256', kid: 'k1' }, rsa.privateKey)).toMatchObject({ kind: 'learner', id: 'ada' })
    const stranger = await generateKeyPair('RS256')
    const invalid = { kind: 'invalid' }
    expect(await signed({ alg: 'RS256', kid: 'k1' }, stranger.privateKey)).toMatchObject(invalid)
    expect(await signed({ alg: 'RS256', kid: 'k2' }, stranger.privateKey)).toMatchObject(invalid)
    // The classic confusion: the public key, which everybody has, as the secret of an HMAC.
    expect(await signed({ alg: 'HS256', kid: 'k1' }, bytes(JSON.stringify(jwk)))).toEqual({
      kind: 'invalid',
      detail: 'The learner token has to be signed with RS256, ES256, EdDSA.',
    })
  })

  it('is refused, and the trouble is reported, when the key set cannot be fetched', async () => {
    const troubles: unknown[] = []
    const tokens = createLearnerTokens({ kind: 'jwks', url: 'http://127.0.0.1:1/jwks.json' }, (error) => troubles.push(error))
    const token = await sign({}, { header: { alg: 'RS256' }, key: rsa.privateKey })
    expect(await tokens.verify(token)).toEqual({ kind: 'invalid', detail: 'The learner token could not be checked. Try again.' })
    expect(troubles).toHaveLength(1)
  })
})

function toToken(header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part({ sub: 'ada' })}.AAAA`
}
